"""Builds the very bytes of one mail, so that no value can become a header.

CPython's EmailMessage is not used to write: it turns ids and URLs of 78 characters and more into
encoded words, which kills threads and one-click unsubscribing, and on 3.11.7 an encoded word in a
subject becomes a header of its own (CVE-2024-6923).
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import re
from base64 import b32encode
from collections import Counter
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import compat32
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from outreach.core.addresses import MailAddress, parse_mail_address
from outreach.core.errors import Invalid
from outreach.mail.header_words import fold_phrase, fold_text

if TYPE_CHECKING:
    from datetime import datetime

MAX_LINE = 998  # octets without CRLF, RFC 5322 2.1.1
MAX_TOKEN = 900  # an id or URL stands on one line of its own and must fit it
MAX_MESSAGE_ID = 75  # longer ones are mangled by other people's software
_KEPT_REFERENCES = 20
_REFERENCES_TAIL = 10

_MESSAGE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
_WEB_URI = re.compile(r"https?://[!#-;=?-Z_a-z~\[\]]+")
# C0, DEL, C1 with NEL, line and paragraph separators, bidirectional controls, lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_ENCODED_WORD = re.compile(r"=\?[^\s?]*\?[^\s?]*\?[^\s]*?\?=|=\?|\?=")
_BODY_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailDraft:
    """Everything one mail says; `message_id` and ids carry their angle brackets."""

    from_address: str
    to_address: str
    subject: str
    text: str
    message_id: str
    sent_at: datetime
    from_name: str = ""
    to_name: str = ""
    html: str = ""
    reply_to: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    unsubscribe_url: str = ""
    unsubscribe_address: str = ""
    unsubscribe_subject: str = "unsubscribe"


def header_text(value: str) -> str:
    """Make a merged value safe for a header: no controls, no encoded words, single spaces."""
    return " ".join(_ENCODED_WORD.sub(" ", _UNSAFE.sub(" ", value)).split())


def message_id(key: bytes, enrollment_id: int | str, step_id: int | str, from_domain: str) -> str:
    """Name one step's mail for ever: the same row gives the same id after any crash.

    Leading labels of a domain too long for 75 octets are dropped; its last two always stay.
    """
    digest = hmac.new(key, f"{enrollment_id}|{step_id}".encode(), hashlib.sha256).digest()
    token = b32encode(digest).decode("ascii")[:26].lower()
    labels = from_domain.lower().rstrip(".").split(".")
    while len(labels) > 2 and len(f"<{token}@{'.'.join(labels)}>") > MAX_MESSAGE_ID:
        labels.pop(0)
    return f"<{token}@{'.'.join(labels)}>"


def build_message(draft: MailDraft) -> bytes:
    """Serialise a draft; what comes back is what goes over the wire.

    Raises:
        Invalid: A value cannot stand in a mail, or the bytes do not read back as meant.
    """
    headers = _headers(draft)
    kind, body = _body(draft)
    headers += [("MIME-Version", "1.0"), *kind]
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    raw = head.encode("ascii") + b"\r\n" + body
    _check(raw, [name for name, _ in headers])
    return raw


def _headers(draft: MailDraft) -> list[tuple[str, str]]:
    if draft.sent_at.tzinfo is None:
        raise Invalid("The date of a mail needs a time zone.")
    sender, recipient = _address(draft.from_address), _address(draft.to_address)
    headers = [
        ("Date", format_datetime(draft.sent_at)),
        ("From", _mailbox("From", draft.from_name, sender)),
        ("To", _mailbox("To", draft.to_name, recipient)),
        ("Message-ID", _id(draft.message_id)),
        ("Subject", fold_text("Subject", _one_line("subject", draft.subject))),
    ]
    if draft.reply_to:
        reply_to = _address(draft.reply_to)
        if reply_to.key != sender.key:
            headers.append(("Reply-To", reply_to.text))
    if draft.in_reply_to:
        headers.append(("In-Reply-To", _id(draft.in_reply_to)))
    if draft.references:
        headers.append(("References", "\r\n ".join(map(_id, _shortened(draft.references)))))
    return headers + _unsubscribe_headers(draft)


def _unsubscribe_headers(draft: MailDraft) -> list[tuple[str, str]]:
    uris = []
    if draft.unsubscribe_url:
        uris.append(f"<{_web_uri(draft.unsubscribe_url)}>")
    if draft.unsubscribe_address:
        address = _address(draft.unsubscribe_address)
        subject = quote(_one_line("unsubscribe subject", draft.unsubscribe_subject), safe="")
        uris.append(f"<mailto:{quote(address.text, safe='@')}?subject={subject}>")
    if not uris:
        return []
    headers = [("List-Unsubscribe", ",\r\n ".join(uris))]
    if draft.unsubscribe_url.startswith("https://"):  # RFC 8058 asks for https
        headers.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    return headers


def _body(draft: MailDraft) -> tuple[list[tuple[str, str]], bytes]:
    """Return the content headers of the whole and its encoded bytes."""
    text = _quoted_printable(draft.text)
    if not draft.html:
        return _content_headers("plain"), text
    # "=_" cannot occur in quoted-printable, so no body can close the part it stands in.
    boundary = "=_" + hashlib.sha256(draft.message_id.encode()).hexdigest()[:24]
    chunks = []
    for subtype, encoded in (("plain", text), ("html", _quoted_printable(draft.html))):
        head = "".join(f"{name}: {value}\r\n" for name, value in _content_headers(subtype))
        chunks.append(f"--{boundary}\r\n{head}\r\n".encode("ascii") + encoded)
    kind = [("Content-Type", f'multipart/alternative;\r\n boundary="{boundary}"')]
    return kind, b"".join(chunks) + f"--{boundary}--\r\n".encode("ascii")


def _content_headers(subtype: str) -> list[tuple[str, str]]:
    return [
        ("Content-Type", f"text/{subtype}; charset=utf-8"),
        ("Content-Transfer-Encoding", "quoted-printable"),
    ]


def _quoted_printable(text: str) -> bytes:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    clean = _BODY_CONTROLS.sub("", lines).rstrip("\n") + "\n"
    encoded = binascii.b2a_qp(clean.encode("utf-8"), istext=True)
    return encoded.replace(b"\n", b"\r\n")


def _address(text: str) -> MailAddress:
    address = parse_mail_address(text)
    if address is None or text != text.strip():
        raise Invalid("This address cannot be written to.")
    return address


def _mailbox(header: str, name: str, address: MailAddress) -> str:
    return fold_phrase(header, _one_line("name", name), f"<{address.text}>")


def _id(text: str) -> str:
    if len(text) > MAX_TOKEN or not _MESSAGE_ID.fullmatch(text):
        raise Invalid("This is not a message id.")
    return text


def _web_uri(text: str) -> str:
    if len(text) > MAX_TOKEN or not _WEB_URI.fullmatch(text):
        raise Invalid("This is not a web address a mail header can carry.")
    return text


def _one_line(what: str, text: str) -> str:
    if _UNSAFE.search(text) or _ENCODED_WORD.search(text):
        raise Invalid(f"The {what} holds characters that cannot stand in a mail header.")
    return " ".join(text.split())


def _shortened(ids: tuple[str, ...]) -> tuple[str, ...]:
    """Keep the first and the last ten of a long thread, each once, in order."""
    unique = tuple(dict.fromkeys(ids))
    if len(unique) <= _KEPT_REFERENCES:
        return unique
    return unique[:1] + unique[-_REFERENCES_TAIL:]


def _check(raw: bytes, names: list[str]) -> None:
    """Read the bytes back as a stranger would; the headers must be those we wrote, once each."""
    parsed = BytesParser(policy=compat32).parsebytes(raw, headersonly=True)
    found, meant = Counter(map(str.lower, parsed.keys())), Counter(map(str.lower, names))
    if found != meant or max(found.values()) > 1 or parsed.defects:
        raise Invalid("The mail would not read back with the headers it was given.")
    if max(map(len, raw.split(b"\r\n"))) > MAX_LINE or raw.count(b"\n") != raw.count(b"\r\n"):
        raise Invalid("A line of the mail is too long to send.")
