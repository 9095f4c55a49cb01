"""Which contacts may be one person: by name, by initials, by the name of their mailbox."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from outreach.core.addresses import parse_mail_address

if TYPE_CHECKING:
    from outreach.core.addresses import MailAddress

_LONGEST = 160
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)


class Named(NamedTuple):
    """What two contacts are compared by."""

    name: str
    address: str | None
    site_id: int | None
    outlet: str


def folded(text: str) -> str:
    """Return a name or an outlet without case, accents and doubled spaces."""
    text = " ".join(text.casefold().split())
    if text.isascii():
        return text
    bare = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(char for char in bare if not unicodedata.combining(char))


def outlet_order(outlet: str) -> str:
    """Return what lists sort a contact's outlet by."""
    return folded(outlet)[:200]


def twin_keys(
    name: str, address: MailAddress | None, *, site_id: int | None, outlet: str
) -> tuple[str, str]:
    """Return the keys under which likely twins meet: by name or initials, and by mailbox.

    Both are "" where no place is known: two Ann Smiths of nowhere have nothing in common.
    """
    place = f"{site_id}" if site_id is not None else folded(outlet)
    if not place or (address is not None and address.is_role):
        return "", ""
    local = folded(address.local.partition("+")[0]) if address else ""
    alias = _alias(name) if name else _alias_of_mailbox(local)
    return tuple(f"{key}@{place}"[:_LONGEST] if key else "" for key in (alias, local))  # type: ignore[return-value]


def _alias(name: str) -> str:
    words = _words(name)
    if len(words) < 2:
        return words[0] if words else ""
    return words[0][0] + words[-1]


def _alias_of_mailbox(local: str) -> str:
    for mark in "._-":
        local = local.replace(mark, " ")
    return _alias(local)


def _words(name: str) -> list[str]:
    last, comma, first = name.partition(",")
    bare = folded(f"{first} {last}" if comma else name)
    words = ("".join(char for char in word if char.isalnum()) for word in bare.split())
    return [word for word in words if word]


def why_alike(one: Named, other: Named) -> str:
    """Say why two contacts that met under a key may be one person; "" when they are not."""
    mine, theirs = _words(one.name), _words(other.name)
    if mine and theirs and " ".join(mine) == " ".join(theirs):
        return "Same name at the same place"
    if _mailbox(one) and _mailbox(one) == _mailbox(other):
        return "Same mailbox name at the same place"
    if mine and theirs:
        return "Initials that fit the name" if _initials_fit(mine, theirs) else ""
    named, bare = (mine, other) if mine else (theirs, one)
    if named and _alias(" ".join(named)) == _alias_of_mailbox(_mailbox(bare)):
        return "An address that fits the name"
    return ""


def _mailbox(contact: Named) -> str:
    address = parse_mail_address(contact.address or "")
    return folded(address.local.partition("+")[0]) if address else ""


def _initials_fit(mine: list[str], theirs: list[str]) -> bool:
    """Tell whether one of two names of one surname gives no more than the initial."""
    if mine[-1] != theirs[-1] or mine[0][:1] != theirs[0][:1]:
        return False
    return len(mine[0]) == 1 or len(theirs[0]) == 1
