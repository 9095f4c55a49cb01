"""A pipeline of any size for measuring: generated with a fixed seed, written in large sets."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlmodel import select

from outreach.accounts.models import Membership
from outreach.accounts.services import create_user, create_workspace, sign_in
from outreach.assets.models import Asset
from outreach.campaigns.models import Campaign, Opportunity
from outreach.campaigns.tally import Place, Shift, note_shifts
from outreach.campaigns.words import Stage
from outreach.contacts.models import Contact
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, bulk_write, refresh_statistics, reserve_ids
from outreach.prospects.models import Prospect
from outreach.prospects.words import Tactic
from outreach.sites.models import Site
from outreach.suppression.models import ContactTouch
from outreach.suppression.words import TouchOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlmodel import SQLModel

    from outreach.core.db import Session

SEED = 20261121
CAMPAIGNS = STAGES = 6
CHUNK = 20_000
MEMBERS = 4


def fill(database: Database, count: int) -> tuple[Scope, str]:
    """Make campaigns of scored prospects with contacts; return a member's scope and token."""
    now, dice = utc_now(), random.Random(SEED)
    with database.system() as session:
        users = [
            create_user(
                session, email=f"{n}@outreach.example", name=f"Member {n}", password_hash="!"
            )
            for n in range(MEMBERS)
        ]
        owner = users[0]
        create_workspace(session, "Board", owner=owner)
        found = session.exec(select(Membership).where(Membership.user_id == owner.key)).one()
        token = sign_in(session, owner, now=now, workspace_id=found.workspace_id)
        owners = [user.key for user in users]
    scope = Scope(found.workspace_id, owners[0])
    with database.writing(scope) as session:
        campaigns = _campaigns(session)
    for start in range(0, count, CHUNK):
        numbers = range(start, min(start + CHUNK, count))
        with database.writing(scope) as session:
            _add(session, numbers, campaigns, owners, dice, now)
    refresh_statistics(database)
    return scope, token


def _campaigns(session: Session) -> list[int]:
    asset = Asset(url="https://ours.example/a", url_key="ours.example/a", title="Guide")
    session.add(asset)
    session.flush()
    rows = [
        Campaign(name=f"Campaign {number}", tactic=Tactic.GUEST_POST, asset_id=asset.key)
        for number in range(CAMPAIGNS)
    ]
    session.add_all(rows)
    session.flush()
    return [row.key for row in rows]


def _add(
    session: Session,
    numbers: range,
    campaigns: list[int],
    owners: list[int],
    dice: random.Random,
    now: datetime,
) -> None:
    names = [f"garden-{number * 7919 % 1_000_003}.example" for number in numbers]
    site, prospect, contact = (
        reserve_ids(session, model, len(names)) for model in (Site, Prospect, Contact)
    )
    scores = [dice.randrange(101) for _ in names]
    _write(
        session, Site, [{"id": key, "domain": name} for key, name in zip(site, names, strict=True)]
    )
    _write(
        session,
        Prospect,
        [
            {"id": key, "site_id": of, "domain": name, "title": f"The {name} journal",
             "score": score, "score_order": 100 - score}
            for key, of, name, score in zip(prospect, site, names, scores, strict=True)
        ],
    )  # fmt: skip
    _write(
        session,
        Contact,
        [
            {"id": key, "site_id": of, "name": f"Editor {key}", "address": f"editor@{name}",
             "address_key": f"editor@{name}", "person_key": f"key-{name}"}
            for key, of, name in zip(contact, site, names, strict=True)
        ],
    )  # fmt: skip
    _put_in_play(session, list(zip(prospect, contact, strict=True)), campaigns, owners, dice, now)
    _touch(session, dice.sample(names, len(names) // 10), now)


def _put_in_play(
    session: Session,
    pairs: list[tuple[int, int]],
    campaigns: list[int],
    owners: list[int],
    dice: random.Random,
    now: datetime,
) -> None:
    stages, whose = list(Stage)[:STAGES], [None, *owners]
    rows: list[dict[str, Any]] = [
        {"campaign_id": dice.choice(campaigns), "prospect_id": prospect, "contact_id": contact,
         "owner_id": dice.choice(whose), "stage": dice.choice(stages),
         "value_cents": dice.choice([0, 250_00, 400_00]),
         "stage_changed_at": now - timedelta(minutes=dice.randrange(100_000))}
        for prospect, contact in pairs
    ]  # fmt: skip
    _write(session, Opportunity, rows)
    note_shifts(
        session,
        [
            Shift(None, Place(row["campaign_id"], row["owner_id"] or 0, row["stage"]),
                  0, row["value_cents"])
            for row in rows
        ],
    )  # fmt: skip


def _touch(session: Session, names: list[str], now: datetime) -> None:
    """Let a tenth of the sites have been written to lately, so that collisions are looked up."""
    rows = [
        {"source_key": f"bench:{name}", "at": now - timedelta(days=9), "person_key": "",
         "domain": name, "outcome": TouchOutcome.AWAITING, "in_workspace_id": session.workspace_id}
        for name in names
    ]  # fmt: skip
    _write(session, ContactTouch, rows)


def _write(session: Session, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    """Write rows given by column, all others as a new row would have them."""
    if not rows:
        return
    blank = model(**rows[0]).model_dump(exclude={"workspace_id"})
    if "id" not in rows[0]:
        del blank["id"]
    bulk_write(session, model, list(blank), [tuple((blank | row).values()) for row in rows])
