"""Reading pitch templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.core.errors import NotFound
from outreach.pitches.models import PitchTemplate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.core.db import Session


def all_templates(session: Session, *, with_archived: bool = False) -> Sequence[PitchTemplate]:
    """Return the templates by name."""
    statement = select(PitchTemplate).order_by(col(PitchTemplate.name))
    if not with_archived:
        statement = statement.where(col(PitchTemplate.is_archived).is_(False))
    return session.exec(statement).all()


def get_template(session: Session, pitch_template_id: int) -> PitchTemplate:
    """Return one template.

    Raises:
        NotFound: There is none in this workspace.
    """
    found = session.exec(select(PitchTemplate).where(PitchTemplate.id == pitch_template_id)).first()
    if found is None:
        raise NotFound("There is no such template in this workspace.")
    return found


def find_template_by_name(session: Session, name: str) -> PitchTemplate | None:
    """Return the template of this name."""
    return session.exec(select(PitchTemplate).where(PitchTemplate.name == name)).first()
