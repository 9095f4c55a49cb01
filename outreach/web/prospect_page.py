"""What the page of one prospect is drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template, url_for

from outreach.accounts.rules import may
from outreach.activity.services import Subject
from outreach.core.clock import utc_now
from outreach.core.db import SYSTEM
from outreach.desk.cards import opportunities_of
from outreach.desk.elsewhere import conversations_with_site, links_at
from outreach.desk.prospect_stream import Happening, Kind, stream_of
from outreach.desk.prospect_view import prospect_view
from outreach.prospects.words import Tactic
from outreach.reminders.queries import reminders_about
from outreach.web.annotations import annotation_context
from outreach.web.context import person, reading, role, services
from outreach.web.filters import moment, when
from outreach.web.forms.prospects import DAYS_ASIDE, REASONS
from outreach.web.timeline import ICONS, TimelineItem

if TYPE_CHECKING:
    from outreach.prospects.models import Prospect

_TABS = (("Everything", None), ("Done", Kind.ACTIVITY), ("Mail", Kind.MAIL), ("Notes", Kind.NOTE),
         ("Links", Kind.CHECK))  # fmt: skip
_KIND_ICONS = {Kind.NOTE: "pencil", Kind.CHECK: "link"}


def render_prospect(prospect: Prospect, only: str) -> str:
    """Draw a prospect's page, its timeline narrowed to one kind of happening if named."""
    now, session = utc_now(), reading()
    kind = Kind(only) if only in set(Kind) else None
    context = annotation_context("prospect", prospect.key)
    stream = stream_of(session, prospect, context["annotations"].notes, only=kind)
    with services().database.reading(SYSTEM) as everywhere:
        talks = conversations_with_site(everywhere, prospect.site_id, user_id=person().key)
    view = prospect_view(session, prospect, now=now)
    return render_template(
        "prospects/show.html",
        prospect=prospect,
        view=view,
        facts=view.facts,
        people=view.facts.people,
        guard=view.facts.guard,
        story=[_item(happening) for happening in stream],
        stream_tabs=_tabs(prospect.key, kind),
        conversations=talks,
        links=links_at(session, prospect.domain),
        reminders=reminders_about(session, Subject("prospect", prospect.key)),
        pitches=opportunities_of(session, prospect.key),
        domain=prospect.domain,
        may_edit=may(role(), "contact", "edit"),
        tactics=list(Tactic),
        reasons=REASONS,
        days_aside=DAYS_ASIDE,
        now=now,
        **context,
    )


def _tabs(prospect_id: int, kind: Kind | None) -> list[dict[str, object]]:
    return [
        {
            "text": text,
            "url": url_for(
                "prospects.show", prospect_id=prospect_id, only=each, _anchor="timeline"
            ),
            "is_current": each is kind,
            "count": None,
        }
        for text, each in _TABS
    ]


def _item(happening: Happening) -> TimelineItem:
    return TimelineItem(
        icon=_KIND_ICONS.get(happening.kind) or ICONS.get(happening.verb, "history"),
        text=happening.text,
        detail=happening.detail,
        when=when(happening.at),
        at_iso=happening.at.isoformat(),
        at_text=moment(happening.at),
    )
