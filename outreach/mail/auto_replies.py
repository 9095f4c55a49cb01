"""Recognises mail no person wrote for us: absence notes, acknowledgements, challenges."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from outreach.mail.header_facts import HeaderFacts
    from outreach.mail.parts import Part

_I = re.IGNORECASE
_SHORT = 2_000


class AutoReplyKind(StrEnum):
    """What an automatic answer means for a sequence."""

    OUT_OF_OFFICE = "out_of_office"  # postpone
    LEFT = "left"  # the person is gone; somebody must look
    TICKET = "ticket"  # received and filed
    CHALLENGE = "challenge"  # wants proof of a human sender; hold
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class AutoReply:
    """An automatic answer and the rule that saw it."""

    kind: AutoReplyKind
    rule: str


# Subjects of automatic answers, one line a language or two.
_SUBJECT = re.compile(
    r"^\W{0,3}(?:(?:re|aw|sv|fw)\s?: ?)?\W{0,3}(?:"
    r"auto(?:matic(?:ally)?)?[- ]?(?:generated )?(?:repl|respon|answer|acknowl|notif)|autoreply|"
    r"autorespon|out[- ]of[- ](?:the[- ])?office|ooo\b|away from (?:the |my )?(?:office|mail|desk)|"
    r"(?:i am |i'm )?(?:currently )?on (?:annual |parental |maternity |sick )?(?:leave|vacation|"
    r"holiday)|vacation (?:repl|respon|notice|message)|absence (?:notice|notification)|"
    r"abwesenheit|automatische (?:antwort|nachricht)|autom\. antwort|nicht im (?:büro|haus)|"
    r"réponse automatique|message d.absence|absence du bureau|absent(?:e)?\b|"
    r"respuesta autom|fuera de (?:la )?oficina|ausencia|resposta autom|fora do escrit|"
    r"risposta automatica|fuori (?:sede|ufficio)|assente|automatisch antwoord|afwezig|"
    r"niet aanwezig|"
    r"automatiskt svar|autosvar|frånvaro|automatisk svar|fravær|ikke på kontoret|"
    r"automaattinen vastaus|poissa|odpowiedź automatyczna|automatyczna odpowied|nieobecno|"
    r"automatická odpov|mimo kancelá|automatikus v|távollét|răspuns automat|otomatik yan|ofis dışı|"
    r"автоответ|автоматический ответ|нет на месте|автоматична відпов|αυτόματη απάντηση|"
    r"自動応答|自動返信|不在|自动回复|自動回覆|外出|자동 응답|부재|תשובה אוטומטית|رد تلقائي|الرد التلقائي"
    r")",
    _I,
)
_ABSENT = re.compile(
    r"(?:i am|i'm|i will be|i'll be|we are|is|be) (?:currently |now )?(?:out of (?:the |"
    r"my )?office|"
    r"on (?:\w+ )?(?:leave|vacation|holiday)|away (?:from|until|on)|travell?ing|traveling|"
    r"unavailable until)|out of (?:the )?office|limited access to (?:my )?e-?mail|"
    r"return(?:ing)? to (?:the )?(?:office|work)|back in the office|"
    r"nicht im (?:büro|haus|hause)|im urlaub|abwesend|außer haus|wieder erreichbar|"
    r"absent(?:e)? (?:du|jusqu|depuis)|en (?:congé|vacances|déplacement)|de retour|"
    r"fuera de (?:la )?oficina|de vacaciones|estaré ausente|fora do escritório|de férias|"
    r"fuori (?:sede|ufficio)|in ferie|sarò assente|op vakantie|afwezig|niet op kantoor|"
    r"på semester|inte på kontoret|på ferie|ikke på kontoret|lomalla|na urlopie|nieobecn|"
    r"dovolen|szabadság|concediu|izinde|в отпуске|отсутств|у відпустці|σε άδεια|"
    r"休暇|不在|出張|休假|휴가|부재|בחופשה|إجازة",
    _I,
)
_LEFT = re.compile(
    r"no longer (?:\w+ )?(?:work|with|employ|at |part of|monitor|in use|active|a member)|"
    r"(?:has|have) left (?:the |our )?(?:compan|organi[sz]ation|team|firm|\w+)|left the company|"
    r"nicht mehr (?:für|bei|im unternehmen|tätig|erreichbar|beschäftigt|gelesen)|"
    r"ne (?:fait|travaille|travaillé) plus|a quitté|ya no (?:trabaja|forma)|"
    r"não (?:trabalha|faz) mais|non (?:lavora|fa) più|niet (?:meer|langer) (?:werkzaam|in dienst)|"
    r"mailbox is (?:no longer|not) monitored|больше не работает|退職|离职|퇴사",
    _I,
)
_CHALLENGE = re.compile(
    r"(?:confirm|verify|prove|authenticate)[^.\n]{0,60}(?:you(?:r| are)|human|sender|address|"
    r"message)"
    r"[^.]{0,200}(?:click|link|reply|captcha)|challenge[- ]response|sender (?:verification|"
    r"confirmation|address verification)|spam ?arrest|boxbe|waiting list|not (?:on|"
    r"in) my (?:approved|"
    r"guest|allow)|click (?:the|on the|this) link[^.]{0,80}(?:deliver|release|verify)",
    _I,
)
_TICKET = re.compile(
    r"ticket|case (?:number|id|#|has been)|reference number|request (?:#|has been|number)|"
    r"(?:have|has been|was|were) (?:\w+ )?received|thank(?:s| you) for (?:contacting|"
    r"getting in touch|"
    r"your (?:e-?mail|message|enquiry|inquiry|submission|interest|request))|will get back|"
    r"eingegangen|vielen dank für ihre (?:nachricht|anfrage|mail)|bien reçu|hemos recibido|"
    r"abbiamo ricevuto|hebben uw|recebemos",
    _I,
)


def find_auto_reply(mail: Part, facts: HeaderFacts, text: str) -> AutoReply | None:
    """Return what kind of automatic answer a mail is, None for a person's words."""
    rule = _rule_of_headers(mail)
    if rule is None and _SUBJECT.search(facts.subject) and not mail.has("list-id"):
        rule = "subject of an automatic answer"
    if rule is None and _is_weakly_marked(mail) and _speaks_like_machine(text):
        rule = "words of an automatic answer"
    if rule is None:
        return None
    return AutoReply(_kind(f"{facts.subject}\n{text[:_SHORT]}"), rule)


def _rule_of_headers(mail: Part) -> str | None:
    """Return the strongest header that says so; those of mailing lists say nothing."""
    submitted = mail.raw_header("auto-submitted").lower()
    is_list = mail.has("list-id") or mail.has("list-post") or mail.has("mailing-list")
    if submitted.startswith("auto-replied"):
        return "header Auto-Submitted"
    if submitted.startswith("auto-") and not is_list:
        return "header Auto-Submitted"
    for name in ("x-autoreply", "x-autorespond", "x-autoreply-from", "x-autogenerated"):
        if mail.raw_header(name).lower() not in {"", "no", "false"}:
            return "header X-Autoreply"
    if mail.has("x-ms-exchange-generated-message-source") or mail.has(
        "x-ms-exchange-inbox-rules-loop"
    ):
        return "header of an Exchange rule"
    if mail.raw_header("precedence").lower().replace("-", "_") == "auto_reply":
        return "header Precedence"
    if mail.raw_header("x-post-messageclass").startswith("9"):
        return "header X-POST-MessageClass"
    return None


def _is_weakly_marked(mail: Part) -> bool:
    """Tell whether a header hints at a machine, which alone proves nothing."""
    is_list = mail.has("list-id") or mail.has("list-post")
    is_junk = mail.raw_header("precedence").lower() in {"junk", "bulk"}
    has_null_path = mail.raw_header("return-path").strip() == "<>"
    return not is_list and (is_junk or has_null_path)


def _speaks_like_machine(text: str) -> bool:
    start = text[:_SHORT]
    return any(words.search(start) for words in (_ABSENT, _LEFT, _CHALLENGE, _TICKET))


def _kind(text: str) -> AutoReplyKind:
    if _LEFT.search(text):
        return AutoReplyKind.LEFT
    if _ABSENT.search(text) or _SUBJECT_OF_ABSENCE.search(text[:200]):
        return AutoReplyKind.OUT_OF_OFFICE
    if _CHALLENGE.search(text):
        return AutoReplyKind.CHALLENGE
    return AutoReplyKind.TICKET if _TICKET.search(text) else AutoReplyKind.OTHER


_SUBJECT_OF_ABSENCE = re.compile(
    r"out[- ]of[- ](?:the[- ])?office|\booo\b|vacation|holiday|leave|absen|abwesen|afwezig|assen|"
    r"ausen|frånvaro|fravær|poissa|nieobec|távollét|отсутств|不在",
    _I,
)
