"""What somebody wrote to us, without the history below it and the lines programs add.

Line by line and linear: no library's, because the good ones need seconds for purpose-made mail.
On doubt a line stays; losing the answer is worse than showing a little history.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from outreach.mail.html_text import html_to_text

if TYPE_CHECKING:
    from outreach.mail.parts import Part

MAX_TEXT = 64 * 1024
MAX_LINES = 2_000
_MAX_LINE = 1_000
_ATTRIBUTION_LINES = 4
_HEAD_LINES = 6
_MAX_ATTRIBUTION = 400
_I = re.IGNORECASE

_QUOTED = re.compile(r"^\s{0,3}(?:[>|›»]|&gt;)")
# "On Monday Ann wrote:" and its like; the opening word, then within a few lines the verb.
_OPENING = re.compile(
    r"^[\s>*_-]{0,8}(?:(?:on|at|am|le|el|il|op|em|dnia|w dniu|den|på|tor|fre|kl|dne|в|pe)\b|"
    r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|20\d\d年|\d{1,2}\.? \w{3,12}\.? 20\d\d|"
    r"(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so)\w{0,6}[,.]|"
    r"[\"'\w][^<>\n]{0,80}<[^<>\s]+@[^<>\s]+>|[^<>\n]{1,60}\()",
    _I,
)
_CLOSING = re.compile(
    r"(?:\b(?:wrote|writes|sent|said|schrieb|geschrieben|a écrit|écrit|escribió|escribio|"
    r"ha scritto|scrisse|schreef|geschreven|escreveu|napisał\w*|pisze|skrev|skriver|kirjoitti|"
    r"napsal\w*|írta|a scris|yazdı|написал\w*|пише\w?|έγραψε)\b|"
    r"写道|のメール|さんは書きました|님이 작성)"
    r"[^\n]{0,120}[:：>]?\s*-{0,4}\s*$",
    _I,
)
_DATE = re.compile(
    r"\d{1,2}:\d\d|\b(?:19|20)\d\d\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|"
    r"\b\d{1,2}[.-]? ?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mai|okt|dez)",
    _I,
)
_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")
# "2014-10-17 11:28 GMT+03:00 Ann <ann@example.org>:" - a date, an address, a colon, no verb.
_BARE_ATTRIBUTION = re.compile(
    r"^\s*(?:(?:on |le |el |am )?(?:\w{2,10}[,.] ?)?(?:20\d\d[-/.]\d{1,2}[-/.]\d{1,2}|"
    r"\d{1,2}[-/. ]\w{1,10}\.?[-/., ]{1,2}20\d\d)[^\n]{0,120}[:：])\s*$",
    _I,
)
_NEW_OPENING = re.compile(r"^\s*(?:on|am|le|el|il|op|em|den)\b", _I)
_LEADING_DATE = re.compile(r"^\s*20\d\d[-/.]\d{1,2}[-/.]\d{1,2}\b")
_SHARED_LINE = re.compile(
    r"^(.{1,400}?\S)\s+(?:On (?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|"
    r"oct|"
    r"nov|dec|\d)[^\n]{5,150} wrote:)\s*$",
    _I,
)
_ORIGINAL = re.compile(
    r"^[\s>*]*[-_=]{2,}[\s*]*(?:(?:begin )?(?:original|forwarded|reply|replied) (?:message|"
    r"e?-?mail|text)"
    r"|(?:ursprüngliche|antwort) (?:nachricht|mail)|original(?:-|e )?(?:nachricht|mail)|"
    r"weitergeleitete? "
    r"(?:nachricht|mail)|message (?:d.origine|original|transféré|initial)|mensaje (?:original|"
    r"reenviado)|mensagem (?:original|encaminhada)|messaggio (?:originale|inoltrato)|"
    r"oorspronkelijk\w* bericht|doorgestuurd bericht|wiadomość oryginalna|oryginalna wiadomość|"
    r"ursprungligt meddelande|oprindelig meddelelse|opprinnelig melding|alkuperäinen viesti|"
    r"původní zpráva|исходное сообщение|пересылаемое сообщение|original|"
    r"原始邮件|原邮件|元のメッセージ)"
    r"[^\n]{0,30}$|^\s*begin forwarded message:\s*$|^\s*anfang der weitergeleiteten",
    _I,
)
_RULE = re.compile(r"^\s*_{10,}\s*$|^\s*-{20,}\s*$|^\s*\*{20,}\s*$")
_FROM = re.compile(
    r"^[\s>*|]{0,6}\**(?:from|von|de|da|van|från|fra|od|lähettäjä|von:|expéditeur|mittente|"
    r"remitente|"
    r"от|发件人|寄件者|差出人|보낸 사람|kimden|feladó)\**\s?[:：]\**\s*\S",
    _I,
)
_HEAD_FIELD = re.compile(
    r"^[\s>*|]{0,6}\**(?:sent|date|to|cc|subject|gesendet|datum|an|betreff|kopie|envoyé|à|objet|"
    r"enviado(?: el)?|para|asunto|fecha|inviato|data|oggetto|verzonden|aan|onderwerp|skickat|till|"
    r"ämne|sendt|til|emne|wysłano|do|temat|lähetetty|vastaanottaja|aihe|assunto|reply-to|odesláno|"
    r"komu|předmět|отправлено|дата|кому|тема|"
    r"发送时间|收件人|主题|日期|送信日時|宛先|件名|날짜|받는 사람|제목)"
    r"\**\s?[:：]",
    _I,
)
_DATE_FIELD = re.compile(
    r"^[\s>*|]{0,6}\**(?:date|sent|datum|gesendet|envoyé|fecha|enviado|data|inviato|verzonden)"
    r"\**\s?[:：][^\n]{0,20}\d",
    _I,
)
_DASHED_ATTRIBUTION = re.compile(
    r"^\s*-{3,} ?[^\n]{1,200}\b(?:wrote|schrieb|a écrit) ?:? ?-{3,}\s*$", _I
)
_SENT_FROM = re.compile(
    r"^\s*(?:\(?(?:sent|posted) (?:from|via|by|using) (?:my |the |a |an )?[\w' .+-]{2,60}\)?\.?|"
    r"(?:von|gesendet von) mein\w{0,2} [\w .-]{2,40}(?: gesendet)?|envoyé (?:de|"
    r"depuis) (?:mon )?[\w .-]{2,40}|"
    r"enviado desde (?:mi )?[\w .-]{2,40}|enviado do meu [\w .-]{2,40}|"
    r"inviato da(?:l mio)? [\w .-]{2,40}|"
    r"verzonden (?:vanaf|met) (?:mijn )?[\w .-]{2,40}|get outlook for \w+[^\n]{0,60}|"
    r"skickat från min [\w .-]{2,40}|iPhoneから送信)\s*$",
    _I,
)
_SIGNATURE = re.compile(r"^(?:-- ?|--\s*|—\s*|__+\s*)$")
_REPLY_ABOVE = re.compile(
    r"^[\s#*=_-]*(?:please )?(?:reply|respond|type|write)[^\n]{0,30} above (?:this|"
    r"the)[^\n]{0,40}line",
    _I,
)


def body_text(mail: Part) -> str:
    """Return the words of a mail: its plain text, else its HTML as text; attachments left out."""
    plain = [p.text for p in _shown(mail, "text/plain") if p.text.strip()]
    if plain:
        return "\n".join(plain)[:MAX_TEXT]
    return "\n".join(html_to_text(part.text) for part in _shown(mail, "text/html"))[:MAX_TEXT]


def visible_reply_of(mail: Part) -> str:
    """Return what the sender of a mail wrote himself."""
    if any(part.text.strip() for part in _shown(mail, "text/plain")):
        return visible_reply(body_text(mail))
    return visible_reply_html("\n".join(part.text for part in _shown(mail, "text/html")))


def visible_reply_html(html: str) -> str:
    """Return what the sender of an HTML mail wrote himself, as text."""
    without = visible_reply(html_to_text(html, without_quotes=True))
    return without or visible_reply(html_to_text(html))


def visible_reply(text: str) -> str:
    """Return what the sender of a text wrote himself; all of it when nothing would be left."""
    lines = text.replace("\r\n", "\n")[:MAX_TEXT].split("\n")[:MAX_LINES]
    lines = [line[:_MAX_LINE].rstrip() for line in lines]
    kept = _without_history(lines)
    kept = [line for line in kept if not _SENT_FROM.match(line)]
    kept = _without_signature(kept)
    reply = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()
    return reply or text[:MAX_TEXT].strip()


def _shown(mail: Part, content_type: str) -> list[Part]:
    """Return the parts of a kind that are shown, none of a mail inside the mail."""
    if mail.content_type.startswith("multipart/"):
        return [found for part in mail.parts for found in _shown(part, content_type)]
    return [mail] if mail.content_type == content_type and not mail.is_attachment else []


def _without_history(lines: list[str]) -> list[str]:
    """Cut at the first mark of the answered mail; keep answers written between its lines."""
    kept: list[str] = []
    place = 0
    while place < len(lines):
        line = lines[place]
        if _QUOTED.match(line):
            place += 1
            continue
        if _starts_copied_mail(lines, place):
            break
        length = _attribution_length(lines, place)
        if length:
            place += length
            if not _is_quote_marked(lines, place):
                break
            continue
        shared = _SHARED_LINE.match(line) if line.endswith(":") else None
        kept.append(shared[1].rstrip("-") if shared else line)
        if shared and not _is_quote_marked(lines, place + 1):
            break
        place += 1
    return kept


def _is_quote_marked(lines: list[str], place: int) -> bool:
    """Tell whether the next words are marked as quoted, so that unmarked ones are answers."""
    following = (line for line in lines[place : place + 20] if line.strip())
    return bool(_QUOTED.match(next(following, "")))


def _starts_copied_mail(lines: list[str], place: int) -> bool:
    line = lines[place]
    if any(mark.match(line) for mark in (_ORIGINAL, _REPLY_ABOVE, _DASHED_ATTRIBUTION)):
        return True
    if _RULE.match(line):
        following = (place + step for step in range(1, 4) if place + step < len(lines))
        return any(_starts_head(lines, number) for number in following)
    return _starts_head(lines, place)


def _starts_head(lines: list[str], place: int) -> bool:
    """Recognise the copied head of the answered mail: From and two more fields close together."""
    line = lines[place]
    has_from = bool(_FROM.match(line))
    if not has_from and not _DATE_FIELD.match(line):
        return False
    following = [line for line in lines[place + 1 : place + 1 + _HEAD_LINES * 2] if line.strip()]
    fields = following[:_HEAD_LINES]
    found = sum(bool(_HEAD_FIELD.match(line) or _FROM.match(line)) for line in fields)
    dated = has_from and any(_DATE_FIELD.match(line) for line in fields[:2])
    return found >= (2 if has_from and not dated else 1)


def _attribution_length(lines: list[str], place: int) -> int:
    """Return how many lines the "On … wrote:" at a place takes, 0 when there is none."""
    line = lines[place]
    if _is_bare_attribution(line, is_quote_next=_is_quote_marked(lines, place + 1)):
        return 1
    if not _OPENING.match(line):
        return 0
    joined = ""
    for length, part in enumerate(lines[place : place + _ATTRIBUTION_LINES * 2], start=1):
        joined = f"{joined} {part.strip()}"
        is_one_sentence = length == 1 or not lines[place + length - 2].endswith(".")
        if len(joined) > _MAX_ATTRIBUTION or (length > 1 and _starts_another(part)):
            break
        if is_one_sentence and _closes_attribution(joined):
            return length
    return 0


def _starts_another(line: str) -> bool:
    """Tell whether an attribution begins here, so that the one looked at was none."""
    return bool(_NEW_OPENING.match(line) and _DATE.search(line))


def _is_bare_attribution(line: str, *, is_quote_next: bool) -> bool:
    """Recognise a date and a name without a verb before quoted lines."""
    has_address = bool(_ADDRESS.search(line))
    if _BARE_ATTRIBUTION.match(line):
        return has_address or is_quote_next
    return has_address and is_quote_next and bool(_LEADING_DATE.match(line))


def _closes_attribution(joined: str) -> bool:
    if not joined.endswith((":", "：", "-", ">")):
        return False
    if _CLOSING.search(joined):
        return bool(_DATE.search(joined) or _ADDRESS.search(joined))
    return bool(_DATE.search(joined) and _ADDRESS.search(joined) and joined.rstrip().endswith(":"))


def _without_signature(lines: list[str]) -> list[str]:
    """Cut at the delimiter of a signature, if words stand above it."""
    for place, line in enumerate(lines):
        if _SIGNATURE.match(line) and any(above.strip() for above in lines[:place]):
            return lines[:place]
    return lines
