"""Changing campaigns and opportunities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col, delete, select, update

from outreach.activity.services import Subject, record
from outreach.assets.models import Asset
from outreach.campaigns import queries
from outreach.campaigns.models import Campaign, Opportunity
from outreach.campaigns.rules import is_backward, label, problem_with_move, problem_with_value
from outreach.campaigns.tally import Place, Shift, hold, hold_many, note_shifts, place_of
from outreach.campaigns.words import Stage
from outreach.contacts.queries import contacts_of_sites
from outreach.core.db import bulk_write
from outreach.core.errors import Conflict, Invalid
from outreach.prospects.models import Prospect
from outreach.prospects.words import Review, Tactic

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from outreach.contacts.models import Contact
    from outreach.core.db import Session


@dataclass(frozen=True, slots=True)
class CampaignDetails:
    """What a campaign goes out with."""

    name: str
    tactic: Tactic
    asset_id: int
    sequence_id: int | None = None
    mailbox_id: int | None = None
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """What adding prospects to a campaign changed."""

    opportunity_ids: list[int]  # new ones
    known: int  # in the campaign already
    rejected: int  # left out: a person rejected them

    @property
    def sentence(self) -> str:
        """Say it in words."""
        parts = [f"Added {len(self.opportunity_ids):,}"]
        if self.known:
            parts.append(f"{self.known:,} were in the campaign already")
        if self.rejected:
            parts.append(f"{self.rejected:,} are rejected and were left out")
        return "; ".join(parts) + "."


def create_campaign(session: Session, details: CampaignDetails, *, now: datetime) -> Campaign:
    """Start a campaign.

    Raises:
        Invalid: It has no name or no asset.
        Conflict: The name is taken.
    """
    campaign = Campaign(name="", tactic=details.tactic, asset_id=details.asset_id)
    _write(session, campaign, details)
    subject = Subject("campaign", campaign.key)
    record(session, "created", subject, "Created this campaign.", now=now)
    return campaign


def edit_campaign(
    session: Session, campaign: Campaign, details: CampaignDetails, *, now: datetime
) -> None:
    """Change what a campaign goes out with; mail already queued stays as it is.

    Raises:
        Invalid: It has no name or no asset.
        Conflict: The name is taken.
    """
    _write(session, campaign, details)
    subject = Subject("campaign", campaign.key)
    record(session, "edited", subject, "Edited this campaign.", now=now)


def _write(session: Session, campaign: Campaign, details: CampaignDetails) -> None:
    name = " ".join(details.name.split())
    if not name:
        raise Invalid("Give the campaign a name.")
    known = queries.find_campaign_by_name(session, name)
    if known is not None and known is not campaign:
        raise Conflict(f"There is a campaign called {name} already.")
    if session.exec(select(Asset.id).where(Asset.id == details.asset_id)).first() is None:
        raise Invalid("Choose the asset this campaign earns links for.")
    campaign.name, campaign.tactic, campaign.asset_id = name, details.tactic, details.asset_id
    campaign.sequence_id, campaign.mailbox_id = details.sequence_id, details.mailbox_id
    campaign.owner_id = details.owner_id
    session.add(campaign)
    session.flush()


def archive_campaign(
    session: Session, campaign: Campaign, *, is_archived: bool, now: datetime
) -> None:
    """Put a campaign away, or take it out again; its opportunities and their mail go on."""
    campaign.is_archived = is_archived
    session.add(campaign)
    session.flush()
    verb = "archived" if is_archived else "restored"
    sentence = f"{verb.capitalize()} this campaign."
    record(session, verb, Subject("campaign", campaign.key), sentence, now=now)


def add_opportunities(
    session: Session, campaign: Campaign, prospect_ids: Collection[int], *, now: datetime
) -> Added:
    """Put prospects into a campaign, each once; the best contact of each site is chosen.

    Approved prospects start as qualified, others as identified; rejected ones are left out.
    """
    _hold_campaign(session, campaign.key)
    wanted = session.exec(
        select(Prospect.id, Prospect.site_id, Prospect.review, Prospect.best_page_id)
        .where(col(Prospect.id).in_(sorted(set(prospect_ids))))
        .order_by(col(Prospect.id))
        .with_for_update(read=True, key_share=True)  # an undo of their file must not take them
    ).all()
    known = _already_in(session, campaign.key, prospect_ids)
    fresh = [row for row in wanted if row[0] not in known and row[2] is not Review.REJECTED]
    contacts = contacts_of_sites(session, [row[1] for row in fresh])
    _insert(session, campaign, [(*row, _choice(contacts.get(row[1], []))) for row in fresh], now)
    new_ids = _count_in(session, campaign, [row[0] for row in fresh])
    added = Added(
        opportunity_ids=new_ids,
        known=len(known),
        rejected=sum(row[0] not in known and row[2] is Review.REJECTED for row in wanted),
    )
    if new_ids:
        subject = Subject("campaign", campaign.key)
        record(session, "added", subject, f"Added {len(new_ids):,} prospects.", now=now)
    return added


def _hold_campaign(session: Session, campaign_id: int) -> None:
    """Let one transaction at a time add to a campaign: what is new must be counted once."""
    row = select(Campaign.id).where(Campaign.id == campaign_id).with_for_update(key_share=True)
    session.exec(row).one()


def _already_in(session: Session, campaign_id: int, prospect_ids: Collection[int]) -> set[int]:
    rows = session.exec(
        select(Opportunity.prospect_id).where(
            Opportunity.campaign_id == campaign_id,
            col(Opportunity.prospect_id).in_(sorted(set(prospect_ids))),
        )
    ).all()
    return set(rows)


def _choice(contacts: list[Contact]) -> int | None:
    return next((contact.key for contact in contacts if contact.is_reachable), None)


def _insert(
    session: Session,
    campaign: Campaign,
    rows: list[tuple[int | None, int, Review, int | None, int | None]],
    now: datetime,
) -> None:
    columns = (
        *("campaign_id", "prospect_id", "prospect_page_id", "contact_id", "owner_id", "stage"),
        *("stage_changed_at", "value_cents", "personal_words", "lost_because"),
        *("created_at", "updated_at"),
    )
    bulk_write(
        session,
        Opportunity,
        columns,
        [
            (campaign.key, prospect_id, page_id, contact_id,
             campaign.owner_id or session.scope.user_id,
             Stage.QUALIFIED if review is Review.APPROVED else Stage.IDENTIFIED,
             now, 0, "", "", now, now)
            for prospect_id, _site, review, page_id, contact_id in rows
        ],
        unique=("campaign_id", "prospect_id"),
    )  # fmt: skip


def _count_in(
    session: Session, campaign: Campaign, prospect_ids: Collection[int | None]
) -> list[int]:
    """Tally what `_insert` added and return the new ids; the campaign is held meanwhile."""
    rows = session.execute(
        sa.select(
            col(Opportunity.id), col(Opportunity.owner_id), col(Opportunity.stage),
        )
        .where(
            col(Opportunity.campaign_id) == campaign.key,
            col(Opportunity.prospect_id).in_(sorted(key for key in prospect_ids if key)),
        )
        .order_by(col(Opportunity.id))
    ).all()  # fmt: skip
    places = [Place(campaign.key, owner_id or 0, Stage(stage)) for _, owner_id, stage in rows]
    note_shifts(session, [Shift(None, place) for place in places])
    return [key for key, _, _ in rows]


def remove_untouched(session: Session, opportunity_ids: Collection[int]) -> list[int]:
    """Take opportunities out of their campaign while nothing has happened to them.

    Returns:
        The prospects whose opportunity is gone.
    """
    begun = {Stage.IDENTIFIED, Stage.QUALIFIED}
    untouched = [
        row
        for row in hold_many(session, opportunity_ids)
        if row.stage in begun and not row.personal_words and not row.value_cents
    ]
    _delete(session, untouched)
    return [row.prospect_id for row in untouched]


def remove_with_prospects(session: Session, prospect_ids: Collection[int]) -> int:
    """Take the opportunities of prospects that are about to be removed; the tally must know."""
    ids = session.exec(
        select(Opportunity.id).where(col(Opportunity.prospect_id).in_(sorted(set(prospect_ids))))
    ).all()
    rows = hold_many(session, [key for key in ids if key is not None])
    _delete(session, rows)
    return len(rows)


def _delete(session: Session, rows: Sequence[Opportunity]) -> None:
    ids = [row.key for row in rows]
    note_shifts(session, [Shift(place_of(row), None, row.value_cents) for row in rows])
    session.exec(delete(Opportunity).where(col(Opportunity.id).in_(ids)))


def move_opportunity(
    session: Session, opportunity: Opportunity, stage: Stage, *, now: datetime, reason: str = ""
) -> None:
    """Move an opportunity forward or backward, and log it.

    Callers above keep `prospect.stage` true: use `workflows.move_opportunities`.

    Raises:
        Conflict: The move would falsify the record; the message says what is missing.
    """
    hold(session, opportunity)
    problem = problem_with_move(opportunity.stage, stage, reason=reason)
    if problem:
        raise Conflict(problem)
    old, reason, before = opportunity.stage, reason.strip(), place_of(opportunity)
    opportunity.stage, opportunity.stage_changed_at = stage, now
    opportunity.lost_because = reason if stage is Stage.LOST else ""
    _write_counted(session, opportunity, before)
    way = "Moved back" if is_backward(old, stage) else "Moved"
    because = f": {reason.rstrip('.')}" if reason else ""
    sentence = f"{way} from {label(old)} to {label(stage)}{because}."
    details: dict[str, object] = {"from": old.value, "to": stage.value}
    subject = Subject("opportunity", opportunity.key)
    record(session, "moved", subject, sentence, now=now, details=details)


def choose_contact(
    session: Session, opportunity: Opportunity, contact: Contact | None, *, now: datetime
) -> None:
    """Choose whom the pitch goes to, or nobody yet.

    Raises:
        Conflict: The contact was merged into another, or its person erased.
    """
    if contact is not None and not contact.is_current:
        raise Conflict("This contact was merged into another, or erased; choose another.")
    opportunity.contact_id = contact.key if contact else None
    session.add(opportunity)
    session.flush()
    sentence = "Chose whom to pitch." if contact else "Nobody is chosen to pitch to."
    subject = Subject("opportunity", opportunity.key)
    record(session, "contact", subject, sentence, now=now)


def write_personal_words(session: Session, opportunity: Opportunity, words: str) -> None:
    """Keep the sentences only this recipient gets."""
    opportunity.personal_words = words.strip()
    session.add(opportunity)
    session.flush()


def assign_opportunity(
    session: Session, opportunity: Opportunity, owner_id: int | None, *, now: datetime
) -> None:
    """Hand an opportunity to a member, or to nobody."""
    hold(session, opportunity)
    before = place_of(opportunity)
    opportunity.owner_id = owner_id
    _write_counted(session, opportunity, before)
    subject = Subject("opportunity", opportunity.key)
    record(session, "assigned", subject, "Changed who works on this.", now=now)


def value_opportunity(
    session: Session, opportunity: Opportunity, value_cents: int, *, now: datetime
) -> None:
    """Say what the link would be worth, in cents of the workspace's currency.

    Raises:
        Invalid: It is below nothing, or more than anybody would pay.
    """
    problem = problem_with_value(value_cents)
    if problem:
        raise Invalid(problem)
    hold(session, opportunity)
    if opportunity.value_cents == value_cents:
        return
    before, worth = place_of(opportunity), opportunity.value_cents
    opportunity.value_cents = value_cents
    _write_counted(session, opportunity, before, worth=worth)
    sentence = f"Changed the value from {worth / 100:,.2f} to {value_cents / 100:,.2f}."
    record(session, "valued", Subject("opportunity", opportunity.key), sentence, now=now)


def _write_counted(
    session: Session, opportunity: Opportunity, before: Place, *, worth: int | None = None
) -> None:
    session.add(opportunity)
    session.flush()
    value = opportunity.value_cents
    shift = Shift(before, place_of(opportunity), value if worth is None else worth, value)
    note_shifts(session, [shift])


def repoint_contact(session: Session, gone_id: int, kept_id: int) -> None:
    """Let the opportunities of a merged contact point at the one that stays."""
    for opportunity in queries.opportunities_of_contact(session, gone_id):
        opportunity.contact_id = kept_id
    session.flush()


def forget_person(session: Session, contact_ids: Collection[int], names: Collection[str]) -> None:
    """Empty what was written for, or says the name of, an erased person."""
    session.exec(
        update(Opportunity)
        .where(col(Opportunity.contact_id).in_(sorted(contact_ids)))
        .values(personal_words="")
        .execution_options(synchronize_session=False)
    )
    for name in names:
        for column in ("personal_words", "lost_because"):
            session.exec(
                update(Opportunity)
                .where(getattr(Opportunity, column).icontains(name, autoescape=True))
                .values({column: ""})
                .execution_options(synchronize_session=False)
            )
