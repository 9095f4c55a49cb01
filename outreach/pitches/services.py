"""Writing pitch templates; what the sandbox refuses is never stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.activity.services import Subject, record
from outreach.core.errors import Conflict
from outreach.pitches.models import PitchTemplate
from outreach.pitches.queries import find_template_by_name
from outreach.pitches.rules import TemplateFacts, check_template

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Session


def save_template(
    session: Session, facts: TemplateFacts, *, now: datetime, template: PitchTemplate | None = None
) -> PitchTemplate:
    """Add a template or change one; mails already planned keep their words.

    Raises:
        Invalid: The sandbox refuses it, with the line and what is allowed.
        Conflict: The name is taken.
    """
    check_template(facts)
    name = " ".join(facts.name.split())
    twin = find_template_by_name(session, name)
    if twin is not None and twin is not template:
        raise Conflict(f"There is a template called {name} already.")
    is_new = template is None
    template = template or PitchTemplate(name=name, subject="", body="", version=0)
    if (template.subject, template.body) != (facts.subject.strip(), facts.body):
        template.version += 1
    template.name, template.tactic = name, facts.tactic
    template.subject, template.body = facts.subject.strip(), facts.body
    session.add(template)
    session.flush()
    verb, said = ("added", "Added") if is_new else ("changed", "Changed")
    subject = Subject("pitch_template", template.key)
    record(session, verb, subject, f"{said} the template {name}.", now=now)
    return template


def archive_template(
    session: Session, template: PitchTemplate, *, is_archived: bool, now: datetime
) -> None:
    """Put a template away, or take it out again; sequences that use it go on."""
    template.is_archived = is_archived
    session.add(template)
    session.flush()
    verb = "archived" if is_archived else "restored"
    said = f"{verb.capitalize()} the template {template.name}."
    record(session, verb, Subject("pitch_template", template.key), said, now=now)
