"""The words of bounces in text: what tells a notice, a dead address, a delay, the copied mail."""

from __future__ import annotations

import re

_I = re.IGNORECASE

MACHINE_SENDERS = re.compile(
    r"^(?:mailer[-_.]?daemon|mail[-_.]?daemon|mdaemon|post[-_.]?master|postmast|mailadm|"
    r"mail-?system|"
    r"mail[-_.]?delivery[-_.]?(?:system|subsystem)|bounces?|bounce[-+].*|mailerdaemon|"
    r"(?:microsoftexchange|exchange)[0-9a-f]*|mailrouter|smtp(?:-?gateway)?|majordomo-?owner|"
    r"mmdf|internet-?mail|non[-_.]?delivery|ndr|delivery|maildelivery|system[-_.]?administrator)@",
    _I,
)
MACHINE_NAMES = re.compile(
    r"mail(?:er)?[ -]?(?:delivery|daemon|subsystem|system)|mailer-daemon|postmaster|"
    r"system administrator|internet mail delivery|delivery (?:system|service)|mail administrator",
    _I,
)
FAILURE_SUBJECT = re.compile(
    r"undeliver|un-?deliver|non[- ]?deliver|not (?:be )?deliver|returned (?:e-?)?mail|mail return|"
    r"deliver[yi]\w* (?:\w+ )?(?:fail|problem|error|delay|status|report|unsuccess|warning|"
    r"impossible)|"
    r"(?:mail|message|email) (?:system |delivery )?(?:fail|error|delivery|failure|bounce|status|"
    r"was refused)|"
    r"failure (?:notice|delivery|to deliver|report)|fail(?:ed|ure)\b.{0,30}deliver|"
    r"(?:delayed|warning)\b.{0,30}(?:mail|message|deliver|send)|"
    r"(?:could|can) ?not (?:be )?(?:send|sent|deliver)|unable to deliver|bounced|returning message|"
    r"user unknown|unknown (?:user|address|recipient)|invalid (?:address|recipient)|"
    r"no such (?:user|address)|mailbox (?:full|unavailable)|rejected (?:mail|message)|"
    r"nondeliverable|"
    r"unzustellbar|nicht zugestellt|zustell\w*.{0,20}(?:fehl|status|nicht)|unzustellbarkeit|"
    r"non (?:remis|distribu|délivr)|échec|retour(?:né)? .{0,20}(?:expéditeur|mail)|non recapitat|"
    r"mancat[ao] (?:recapito|consegna)|no (?:se )?(?:pudo )?entreg|devuelt|não (?:foi )?entreg|"
    r"onbestelbaar|niet (?:worden )?(?:afgeleverd|bezorgd)|nie dostarcz|недостав|не доставлен|"
    r"配信|配送|送信|届|退信|系统退信|未送达|반송|失敗|エラー",
    _I,
)
FAILURE_TEXT = re.compile(
    r"could ?n[o']t be (?:\w+ )?(?:deliver|sent|reach)|(?:was|were|is|been) (?:un|not )\w*deliver|"
    r"not (?:be )?(?:\w+ )?deliver|undeliver|deliver\w*.{0,40}fail|fail\w*.{0,40}deliver|"
    r"unable to (?:\w+ )?(?:deliver|send|relay)|cannot (?:be )?(?:\w+ )?(?:deliver|send)|"
    r"permanent(?:ly)? (?:fatal )?(?:error|fail)|fatal error|did not reach|returned to (?:you|"
    r"sender)|"
    r"user unknown|unknown user|no such (?:user|recipient|mailbox|address|person)|"
    r"does(?:n't| not) exist|mailbox (?:is )?(?:full|unavailable|not found)|over ?quota|"
    r"(?:address|recipient|message|mail)\w* (?:\w+ ){0,3}(?:rejected|refused|bounced|failed)|"
    r"giving up|gave up|(?:host|domain|recipient|address) (?:\w+ )?(?:unknown|not found)|"
    r"\b[45][0-9][0-9][ -][45]\.\d\.\d|\b55[0-9][ -]|remote host said|while talking to|"
    r"nicht zugestellt|unzustellbar|konnte nicht|n'a pas (?:pu|été)|impossible de|non (?:è|e) stat|"
    r"no (?:se )?(?:pudo|ha podido|puede)|não (?:foi|pôde|pode)|kon niet|не (?:был|может|удалось)|"
    r"配信|配送|送信|届|エラー|退回|无法|無法|失敗|失败",
    _I,
)
DELAY = re.compile(
    r"still (?:being|trying|in (?:the )?queue)|will (?:be )?(?:retr|try again|keep|continue)|"
    r"has not (?:yet )?been deliver|not yet been deliver|(?:been|is|was|message) (?:\w+ )?delayed|"
    r"delivery (?:\w+ )?(?:is |has been )?delayed|deliver\w* \(delay\)|delayed mail|"
    r"do not (?:need to )?re-?send|no(?:t need to)? action is (?:necessary|required)|"
    r"this is a warning message|warning message only|temporar\w+ unable to deliver|"
    r"weitere zustellversuche|verzögert|retard(?:é|ée)\b|se (?:seguirá|volverá a) intentando|"
    r"vertraagd",
    _I,
)
FINAL = re.compile(
    r"giving up|gave up|given up|permanent|(?:is|was|has been) returned|will not be retried|"
    r"retry time(?:out)? exceeded|too long|expired|been in the queue too",
    _I,
)
DEAD_ADDRESS = re.compile(
    r"user (?:is )?unknown|unknown (?:user|recipient|address|local|mailbox|account|e-?mail)|"
    r"(?:recipient|address|mailbox|account|destination)[^.\n]{0,30} (?:is )?unknown|"
    r"no such (?:\w+ )?(?:user|recipient|mailbox|address|account|person|local|e-?mail|domain|host)|"
    r"(?:user|recipient|mailbox|address|account|domain|host)[^.\n]{0,60}(?:does(?:n.?t| not) exist|"
    r"do not exist|not (?:be )?found|could not be found|cannot be found|is (?:invalid|not valid))|"
    r"does(?:n't| not) (?:have an?|exist)|no (?:mailbox|mail ?box) (?:here|by that|with)|"
    r"(?:invalid|bad|non-?existent|nonexistent|illegal) (?:\w+ )?"
    r"(?:recipient|mailbox|user|address|destination|domain|host)|not (?:a )?(?:known|valid|our) "
    r"(?:user|recipient|mailbox|address|customer|account)|not a local|(?:user|name|address|"
    r"recipient)s?"
    r"[^.\n]{0,40} not (?:listed|known|recogni[sz]ed|registered|in (?:directory|our))|"
    r"(?:recipnotfound|resolver\.adr\.\w*notfound|badrecip|no_such|nosuchuser|user_unknown)|"
    r"unrout(?:e)?able (?:mail )?(?:address|domain)|undeliverable address|"
    r"address (?:rejected|error)[^\n]{0,10}(?:undeliverable|user)|"
    r"(?:domain|host)[^.\n]{0,50} not found|host unknown|unknown (?:host|domain|mail domain)|"
    r"name or service not known|nxdomain|no (?:mx|mail exchanger)|"
    r"(?:has|have) left|no longer (?:\w+ )?(?:with|works?|employ|valid|exists?|at this|"
    r"on server|available)|"
    r"(?:mailbox|account|address)[^.\n]{0,30}no longer|unbekannt|existiert nicht|"
    r"(?:n'existe|inexistant|inconnu)|no existe|non esiste|sconosciut|não existe|bestaat niet|"
    r"見つかりません|存在しません|存在しない|宛先不明|不存在|no recipients|unable to find|"
    r"invalid (?:final )?delivery user|isn.t (?:a )?(?:valid|listed)|recipient no longer|"
    r"moved to an",
    _I,
)
BLOCKED = re.compile(
    r"spamhaus|spamcop|barracuda|\bblock(?:ed|ing|list)|black ?-?list|\bdnsbl|\brbls?\b|reputation|"
    r"\bspam|polic(?:y|ies)|dmarc|\bspf\b|\bdkim\b|authenticat|content|virus|malware|"
    r"too many|rate.?limit|throttl|quota|(?:mail)?box (?:is |was |seems )?full|grey.?list|"
    r"try(?:ing)? again|temporar|relay(?:ing)? (?:is )?(?:access )?(?:denied|not|prohibit)|"
    r"unable to relay|not (?:allowed|permitted|authori[sz]ed)|denied|exceed|too (?:large|big)|"
    r"message size|timed? ?out|connection (?:refused|timed|reset)|insufficient|disk|loop|"
    r"too many hops|sender (?:address )?(?:rejected|domain)|(?:client|your) host rejected|"
    r"reverse dns|\bptr\b|cannot resolve|suspend|disabled|inactive|discontinued|"
    r"after mail from|couldn.t create|preferences|encrypt|starttls|tls required|banned|certif|"
    r"unsolicited",
    _I,
)
AT_RECIPIENT = re.compile(
    r"rcpt[ -_]?to|rcpt command|does not like recipient|<[^<>\s]+@[^<>\s]+>(?:\.\.\.|[:,]) |"
    r"recipient address rejected|not listed in|"
    r"unrout(?:e)?able (?:mail )?address|after rcpt|local configuration error|"
    r"(?:virtual|local|alias|relay|mailbox) (?:\w+ )?(?:recipient|alias|mailbox|user) table|"
    r"no mailbox here by that name|address (?:could ?n.t|could not|can ?not) be found|"
    r"address not found|5\.1\.[016]|recipnotfound|\b5\.1\.10\b|#5\.1\.[01]",
    _I,
)
DEAD_DOMAIN = re.compile(
    r"host (?:or domain name )?(?:unknown|not found)|unknown (?:host|domain|mail domain)|nxdomain|"
    r"domain[^.\n]{0,50}(?:does(?:n.t| not) exist|not found|not reachable|invalid)|"
    r"no such (?:host|domain)|unrout(?:e)?able (?:mail )?domain|bad (?:domain|host)|"
    r"(?:domain|host) name (?:not found|lookup failed)|couldn.t find any host|"
    r"no (?:mx|mail exchanger)|couldn.t find a mail exchanger|invalid domain|host \S+ not found|"
    r"(?:host|domain) does not accept mail|null ?mx|"
    r"indicated no smtp service|"
    r"(?:host|domain) (?:\w+ ){0,2}(?:does(?:n.t| not) exist|not known)|name or service not known",
    _I,
)
AFTER_DATA = re.compile(
    r"end of data|data command|>>> (?:data|\.)|after (?:data|body|message)|final data|sending data",
    _I,
)
ORIGINAL_STARTS = re.compile(
    r"^[ \t>*-]*(?:-{2,}|={3,}|_{3,}|\*{3,})?[ \t]*(?:(?:below (?:this line )?is|this is|"
    r"here is|following is|"
    r"attached is) (?:a copy of|(?:the|your) (?:original|returned|first|header))|"
    r"(?:a )?copy of (?:the |your )?(?:message|original|mail)|"
    r"(?:the )?(?:header|text|content|body|start|beginning)s? of (?:the |your )?(?:original|"
    r"message|"
    r"returned|undelivered|sent)|(?:the )?(?:your )?(?:original|undelivered|returned|unsent|"
    r"rejected) "
    r"(?:message|mail|header)s?(?! (?:was|to|could|is|has|sent))|message (?:header|text|"
    r"contents|content)s?"
    r"(?: follow)?|returned message|forwarded message|ursprüngliche nachricht|"
    r"\|?-+ ?(?:original|message|header|returned|included|copy)[^\n]{0,60}-)"
    r"|^(?:Received: (?:from|by|\()|Return-Path:\s|X-Mailer: |DKIM-Signature: |MIME-Version: )",
    _I | re.MULTILINE,
)
ADDRESS_IN_TEXT = re.compile(
    r"(?<![\w.+/=-])[\w.!#$%&'*+/=?^`{|"
    r"}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}(?![\w@-])"
)
NEVER_FAILED = re.compile(
    r"^(?:postmaster|mailer-?daemon|abuse|support|help(?:desk)?|webmaster|hostmaster|admin|"
    r"(?:\d{8,}[._-]).*|[0-9a-f.]{20,}|[0-9a-f]{16,}|.*-(?:bounces?|owner|request|admin)|"
    r"owner-.*|.{0,3}[0-9a-z]{6}-[0-9a-z]{6}-[0-9a-z]{2})@",
    _I,
)
