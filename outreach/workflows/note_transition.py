"""What follows when a look has moved a link: a win counts, the timeline tells, a loss is chased."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.activity.services import Subject, record
from outreach.links.queries import find_won_link, get_backlink
from outreach.links.words import REASON_SENTENCES, LinkState
from outreach.reminders.services import add_reminder, finish_by_source
from outreach.workflows.win_link import settle_win

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.links.checks import Transition
    from outreach.links.models import Backlink

_SHOWN_URL = 200  # characters of an address in a reminder


def note_transition(session: Session, transition: Transition, *, now: datetime) -> None:
    """Let one look's consequences follow, in the transaction that wrote it down."""
    if transition.is_first_sight:
        settle_win(session, get_backlink(session, transition.backlink_id), now=now)
        return
    if transition.before is transition.after:
        return
    backlink = get_backlink(session, transition.backlink_id)
    subject = Subject("backlink", backlink.key)
    record(
        session,
        _verb(transition),
        subject,
        _sentence(transition, backlink),
        now=now,
        details={"from": transition.before.value, "to": transition.after.value},
    )
    if transition.is_new_loss:
        _chase(session, backlink, now)
    elif transition.is_return:
        finish_by_source(session, _source_key(backlink), now=now)


def _chase(session: Session, backlink: Backlink, now: datetime) -> None:
    """Remind whoever won the link that it is lost; each loss once."""
    won = find_won_link(session, backlink.key)
    wanted = backlink.target_url[:_SHOWN_URL] or "us"
    add_reminder(
        session,
        f"{backlink.referring_domain} no longer links to {wanted}. Ask for the link back.",
        due_at=now,
        subject=Subject("backlink", backlink.key),
        for_user_id=won.won_by_id if won else None,
        source_key=_source_key(backlink),
    )


def _source_key(backlink: Backlink) -> str:
    since = backlink.lost_at
    return f"link_lost:{backlink.key}:{since:%Y%m%d%H%M}" if since else f"link_lost:{backlink.key}"


def _verb(transition: Transition) -> str:
    if transition.is_return:
        return "returned"
    if transition.is_new_loss:
        return "lost"
    return "moved"


def _sentence(transition: Transition, backlink: Backlink) -> str:
    reason = REASON_SENTENCES[transition.finding.verdict.reason]
    if transition.is_return:
        return f"The lost link on {backlink.referring_domain} is back."
    if transition.is_new_loss:
        return f"The link on {backlink.referring_domain} is lost. {reason}"
    if transition.after is LinkState.MISSING_ONCE:
        return f"{reason} Another look in a day decides whether the link is lost."
    said = f"{_words(transition.before)} became {_words(transition.after)}. {reason}"
    return said[0].upper() + said[1:]


def _words(state: LinkState) -> str:
    return state.value.replace("_", " ")
