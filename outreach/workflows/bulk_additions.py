"""What many prospects are given at once: a value of a custom field, a place in a campaign."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from outreach.campaigns.models import Opportunity
from outreach.campaigns.queries import get_campaign
from outreach.campaigns.services import add_opportunities, remove_untouched
from outreach.core.errors import Invalid
from outreach.fields.many import texts_in, write_texts
from outreach.fields.models import CustomValue
from outreach.fields.queries import get_field
from outreach.fields.rules import read_value
from outreach.fields.words import FieldSubject
from outreach.prospects.models import Prospect
from outreach.prospects.services import mark_stale
from outreach.prospects.words import Review
from outreach.suppression.models import ContactTouch, Suppression
from outreach.suppression.rules import COOL_DOWN
from outreach.suppression.words import SuppressionKind
from outreach.workflows.bulk import BulkKind, Change, Plan
from outreach.workflows.bulk_choice import ASKED_AT, find_prospects, tell
from outreach.workflows.bulk_prospects import count_where, prospects, staying
from outreach.workflows.move_opportunities import note_stages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.core.db import Session
    from outreach.fields.models import CustomField
    from outreach.workflows.bulk import Chosen

Arguments = dict[str, object]
_columns: Any = sa.select  # its typing knows tables, not single columns


def _plan_field(session: Session, chosen: Chosen, arguments: Arguments) -> Plan:
    field, text = _field(session, arguments)
    held = sa.exists().where(
        col(CustomValue.prospect_id) == Prospect.id, col(CustomValue.custom_field_id) == field.key
    )
    same = sa.and_(held, held.where(col(CustomValue.text) == text)) if text else ~held
    total, highest, (stays, holds) = count_where(session, chosen, same, held)
    count = total - stays
    said = f"“{text}”" if text else "nothing"
    if not count:
        return Plan(0, total, f"Nothing to do: “{field.name}” of all is {said}.", highest)
    sentence = f"Set “{field.name}” of {prospects(count)} to {said}."
    replaced = holds - stays if text else 0
    if replaced:
        sentence += f" {replaced:,} of them {'holds' if replaced == 1 else 'hold'} something else."
    why = "it holds that already", "they hold that already"
    return Plan(count, total, sentence + staying(stays, *why), highest)


def _fill_in(
    session: Session, ids: Sequence[int], arguments: Arguments, now: datetime
) -> list[Change]:
    field, text = _field(session, arguments)
    before = texts_in(session, field, ids)
    wanted = {key: text for key in ids if before[key] != text}
    changed = write_texts(session, field, wanted, now=now)
    mark_stale(session, changed)
    said = f"Set “{field.name}” to “{text}”" if text else f"Emptied “{field.name}”"
    line = f"{said} with many others."
    tell(session, "prospect", "edited", ((key, line) for key in changed), now=now)
    return [
        Change(key, {"field_id": field.key, "text": before[key]}, {"text": text}) for key in changed
    ]


def _empty_again(session: Session, changes: Sequence[Change], now: datetime) -> int:
    if not changes:
        return 0
    field = get_field(session, int(str(changes[0].before["field_id"])))
    held = texts_in(session, field, [row.subject_id for row in changes])
    wanted = {
        row.subject_id: str(row.before["text"])
        for row in changes
        if held[row.subject_id] == row.after["text"]
    }
    back = write_texts(session, field, wanted, now=now)
    mark_stale(session, back)
    line = "Took the last change of many back."
    tell(session, "prospect", "put back", ((key, line) for key in back), now=now)
    return len(back)


def _field(session: Session, arguments: Arguments) -> tuple[CustomField, str]:
    field_id, given = arguments.get("field_id"), str(arguments.get("value", "")).strip()
    if not isinstance(field_id, int):
        raise Invalid("Choose a field.")
    field = get_field(session, field_id)
    if field.subject is not FieldSubject.PROSPECT or field.is_archived:
        raise Invalid(f"“{field.name}” is no field of prospects that is in use.")
    return field, read_value(field.kind, given, field.choices).text if given else ""


def _plan_campaign(session: Session, chosen: Chosen, arguments: Arguments) -> Plan:
    campaign = get_campaign(session, _campaign_id(arguments))
    known = sa.exists().where(
        col(Opportunity.prospect_id) == Prospect.id, col(Opportunity.campaign_id) == campaign.key
    )
    rejected = col(Prospect.review) == Review.REJECTED
    joins = sa.and_(~known, ~rejected)
    suppressed = sa.exists().where(
        col(Suppression.kind) == SuppressionKind.DOMAIN,
        col(Suppression.match_key) == Prospect.domain,
    )
    asked_at = chosen.query.get(ASKED_AT) or arguments.get(ASKED_AT)
    since = datetime.fromisoformat(str(asked_at)) - COOL_DOWN
    touched = sa.exists().where(
        col(ContactTouch.domain) == Prospect.domain, col(ContactTouch.at) > since
    )
    tests = joins, known, sa.and_(joins, suppressed), sa.and_(joins, ~suppressed, touched)
    total, highest, (count, old, never, lately) = count_where(session, chosen, *tests)
    sentence = f"Add {prospects(count)} to “{campaign.name}”."
    if not count:
        sentence = f"Nobody would join “{campaign.name}”."
    sentence += staying(old, "it is in the campaign already", "they are in the campaign already")
    out = total - count - old
    sentence += staying(out, "it was rejected", "they were rejected")
    if never:
        sentence += f" {never:,} of those who join must never be written to, and will not be."
    if lately:
        sentence += f" {lately:,} of those who join were written to lately by somebody here."
    return Plan(count, total, sentence, highest)


def _join(
    session: Session, ids: Sequence[int], arguments: Arguments, now: datetime
) -> list[Change]:
    campaign = get_campaign(session, _campaign_id(arguments))
    added = add_opportunities(session, campaign, ids, now=now)
    note_stages(session, ids)
    rows = session.execute(
        _columns(Opportunity.prospect_id, Opportunity.id).where(
            col(Opportunity.id).in_(added.opportunity_ids)
        )
    )
    return [
        Change(key, {}, {"opportunity_id": opportunity_id, "at": now.isoformat()})
        for key, opportunity_id in rows
    ]


def _leave(session: Session, changes: Sequence[Change], _now: datetime) -> int:
    """Take out again what still stands where it was put: a move, even back, is somebody's work."""
    put_in_at = {int(str(row.after["opportunity_id"])): row.after["at"] for row in changes}
    rows = session.execute(
        _columns(Opportunity.id, Opportunity.stage_changed_at).where(
            col(Opportunity.id).in_(list(put_in_at))
        )
    )
    still = [key for key, changed_at in rows if changed_at.isoformat() == put_in_at[key]]
    gone = remove_untouched(session, still)
    note_stages(session, gone)
    return len(gone)


def _campaign_id(arguments: Arguments) -> int:
    campaign_id = arguments.get("campaign_id")
    if not isinstance(campaign_id, int):
        raise Invalid("Choose a campaign.")
    return campaign_id


FILL_IN = BulkKind(
    "fill_in_prospects", "prospect", "Filled in", _plan_field, find_prospects, _fill_in,
    _empty_again,
)  # fmt: skip
JOIN = BulkKind(
    "add_prospects_to_campaign", "prospect", "Added", _plan_campaign, find_prospects, _join, _leave
)
KINDS = (FILL_IN, JOIN)
