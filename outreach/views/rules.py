"""What the name of a saved view must be."""

from __future__ import annotations

from outreach.core.errors import Invalid

LONGEST_NAME = 80


def view_name(text: str) -> str:
    """Return a name as it is kept.

    Raises:
        Invalid: It is empty or too long.
    """
    name = " ".join(text.split())
    if not name:
        raise Invalid("Give the view a name.")
    if len(name) > LONGEST_NAME:
        raise Invalid(f"A view's name has at most {LONGEST_NAME} letters.")
    return name
