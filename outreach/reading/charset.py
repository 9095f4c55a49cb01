"""From the bytes of a page to UTF-8, the way browsers guess, with the bytes as the best witness."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Labels that the web writes for the larger set it means. Source: WHATWG Encoding, names and labels.
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
# Python's own text codecs that no page is written in.
_NO_CHARSETS = frozenset(
    {"idna", "mbcs", "oem", "punycode", "raw_unicode_escape", "undefined", "unicode_escape"}
    | {"raw-unicode-escape", "unicode-escape", "utf-7"}
)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_META_CHARSET = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{1,40})",
    re.IGNORECASE,
)
_PRESCAN = 4096
_SAMPLE = 32 << 10
_STATEFUL = ("iso2022_jp", "hz")  # escape codes in plain ASCII: these bytes also pass for UTF-8


def to_utf8(body: bytes, content_type: str) -> bytes:
    """Return the page as UTF-8 without a byte order mark; unreadable bytes become U+FFFD."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _recode(body[len(mark) :], name)
    declared = _declared(body, content_type)
    if declared not in _STATEFUL and _is_utf8(body):
        return body
    if declared and declared != "utf-8":
        return _recode(body, declared)
    if declared == "utf-8" and _is_nearly_utf8(body):
        return _recode(body, "utf-8")
    best = from_bytes(body[:_SAMPLE]).best()
    return _recode(body, best.encoding if best else "cp1252")


def _recode(body: bytes, name: str) -> bytes:
    return body.decode(name, "replace").encode("utf-8", "replace")


def _declared(body: bytes, content_type: str) -> str:
    """Return the codec the header names, else the page; "" when neither names one we know."""
    in_header = _HEADER_CHARSET.search(content_type)
    in_page = _META_CHARSET.search(body, 0, _PRESCAN)
    labels = [in_header.group(1)] if in_header else []
    labels += [in_page.group(1).decode("ascii")] if in_page else []
    for label in labels:
        try:
            info = codecs.lookup(label.strip())
            b"".decode(info.name)  # LookupError for base64 and its like
        except (LookupError, UnicodeError):
            continue
        if info.name.startswith(("utf-16", "utf-32")):
            return "utf-8"  # a page whose ASCII we could read is neither
        if info.name not in _NO_CHARSETS:
            return _MEANT.get(info.name, info.name)
    return ""


def _is_utf8(body: bytes) -> bool:
    """Whether all bytes are UTF-8, a character cut off at the end forgiven."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data" and error.start >= len(body) - 3
    return True


def _is_nearly_utf8(body: bytes) -> bool:
    """Whether the damage is small enough to believe the declaration."""
    sample = body[:_SAMPLE]
    wrong = sample.decode("utf-8", "replace").count("\ufffd")
    beyond_ascii = len(sample) - len(sample.decode("ascii", "ignore"))
    return wrong * 8 < beyond_ascii
