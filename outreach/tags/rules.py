"""What a tag may be called, and when two names are one tag."""

from __future__ import annotations

import unicodedata

from outreach.core.errors import Invalid

LONGEST_NAME = 60
_NOT_SHOWN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def tidy_name(text: str) -> str:
    """Make a name as it is shown: composed letters, single spaces, nothing invisible.

    Raises:
        Invalid: Nothing is left, or it is too long.
    """
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    name = "".join(char for char in composed if unicodedata.category(char) not in _NOT_SHOWN)
    name = " ".join(name.split()).lstrip("#").strip()
    if not name:
        raise Invalid("Write the name of the tag.")
    if len(name) > LONGEST_NAME:
        raise Invalid(f"A tag has at most {LONGEST_NAME} characters; this has {len(name)}.")
    return name


def name_key(name: str) -> str:
    """Return what tells tags apart: "Guest Post" and "guest post" are one."""
    return unicodedata.normalize("NFC", name.casefold())[:LONGEST_NAME]


def key_of_deleted(tag_id: int) -> str:
    """Return a key no name can have, so that a deleted tag's name is free at once."""
    return f" {tag_id}"
