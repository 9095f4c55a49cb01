"""Load the sample workspaces: a brand with months of work behind it, and a small second team.

Everything is made by the services and workflows that people and workers use, at simulated times
before `now`; no network is touched and every mail is captured. A loading that was interrupted is
swept away by the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlmodel import col, delete, select

from outreach.accounts.models import Workspace
from outreach.accounts.queries import all_workspaces
from outreach.accounts.services import create_workspace, rename_workspace
from outreach.activity.models import Activity
from outreach.activity.services import Subject, record
from outreach.assets.properties import add_property
from outreach.assets.rules import AssetDraft
from outreach.assets.services import add_asset
from outreach.contacts.models import Contact
from outreach.core.db import Scope
from outreach.core.errors import Conflict
from outreach.desk.recount import true_columns
from outreach.prospects.models import Prospect
from outreach.prospects.queries import prospect_ids
from outreach.prospects.services import PageDraft, add_prospect, note_columns
from outreach.reminders.services import add_reminder
from outreach.suppression.models import ContactTouch, Suppression
from outreach.suppression.rules import TouchEntry, person_key
from outreach.suppression.services import add_touches
from outreach.suppression.words import TouchOutcome
from outreach.workflows.sample_annotations import add_annotations, add_worth
from outreach.workflows.sample_files import SampleFiles, SampleTools, StoryClock, read_sample
from outreach.workflows.sample_links import LinkHistory
from outreach.workflows.sample_prospects import (
    add_assets,
    add_decisions,
    add_people,
    add_ranks,
    add_suppressions,
    address_of,
    days_before,
    import_files,
    prospect_of,
    score,
)
from outreach.workflows.sample_story import Story, add_campaigns

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from outreach.core.db import Database, Session

_BEGAN_DAYS_AGO = 120
_LOADED = "loaded the sample"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded, for the person who asked."""

    workspace_id: int
    prospect_count: int

    @property
    def sentence(self) -> str:
        """Say it in words."""
        return f"Loaded the sample workspace with {self.prospect_count:,} prospects."


def load_sample(
    database: Database, tools: SampleTools, *, now: datetime, if_empty: bool = False
) -> Loaded | None:
    """Load both sample workspaces; with `if_empty` only where there is no workspace at all.

    Returns:
        None when there was nothing to do.

    Raises:
        Conflict: The sample is loaded already.
    """
    _sweep_leftovers(database)
    with database.system() as session:
        known = [row.name for row in all_workspaces(session)]
    if if_empty and known:
        return None
    files = read_sample()
    if files.workspace["name"] in known:
        raise Conflict("The sample workspace is loaded already.")
    scope = _load_main(database, files, tools, now)
    with database.reading(scope) as session:
        count = len(session.exec(select(Prospect.id)).all())
    return Loaded(scope.workspace_id or 0, count)


def _load_main(database: Database, files: SampleFiles, tools: SampleTools, now: datetime) -> Scope:
    scope = _new_workspace(database, files.workspace)
    clock = StoryClock(days_before(now, _BEGAN_DAYS_AGO))
    tools.on_progress("Prospects: three files, open ranks, scores")
    with database.writing(scope) as session:
        assets = add_assets(session, files, now=clock())
    import_files(database, scope, files, tools, clock)
    with database.writing(scope) as session:
        add_ranks(session, files, now=clock())
        add_people(session, files, key=tools.key, now=clock())
        add_decisions(session, files, now=now - timedelta(days=3))
        add_suppressions(session, files, key=tools.key, now=clock())
        add_annotations(session, files, now=now - timedelta(days=2))
    score(database, scope, clock)
    with database.writing(scope) as session:
        mailbox_id, campaigns = add_campaigns(session, files, assets, tools, now=clock())
    tools.on_progress("History: pitches, answers and links of eight months")
    story = Story(database, scope, tools, clock, mailbox_id)
    story.set_out(files, campaigns)
    links = LinkHistory(database, scope, files, clock)
    events = story.events(files, campaigns, now)
    events += links.events(assets, story.opportunities, now)
    _play(story, clock, now, events)
    with database.writing(scope) as session:
        _add_reminders(session, files, now=now)
        add_worth(session, files, now=now)
    tools.on_progress("A second team, for the collision guard")
    other = _load_other_team(database, files, tools, now)
    for each in (scope, other):
        with database.writing(each) as session:
            _mark_loaded(session, now)
    return scope


def _play(
    story: Story,
    clock: StoryClock,
    now: datetime,
    events: list[tuple[datetime, Callable[[], None]]],
) -> None:
    """Let everything happen in its order; what lies before the first pitch too."""
    began = clock.now
    for at, act in sorted(events, key=lambda event: event[0]):
        if at < began:
            clock.now = at
        else:
            story.move_to(at)
        act()
    story.move_to(now)


def _new_workspace(database: Database, said: dict[str, Any]) -> Scope:
    with database.system() as session:
        workspace = create_workspace(session, said["name"], is_sample=True)
        rename_workspace(
            session,
            workspace.key,
            name=said["name"],
            country=said["country"],
            postal_address=said["postal_address"],
        )
        return Scope(workspace.key)


def _load_other_team(
    database: Database, files: SampleFiles, tools: SampleTools, now: datetime
) -> Scope:
    """Load a second team's few rows: enough for the collision guard to have something to say."""
    said = files.workspace["other_team"]
    scope = _new_workspace(database, said)
    began = days_before(now, _BEGAN_DAYS_AGO)
    asset = said["asset"]
    with database.writing(scope) as session:
        add_property(session, said["property"], brand_aliases=["Quayside"], now=began)
        draft = AssetDraft(
            asset["url"],
            asset["title"],
            summary=asset["summary"],
            topics=tuple(asset["topics"]),
        )
        add_asset(session, draft, now=began)
        for url, title, description in said["prospects"]:
            add_prospect(session, url, PageDraft(title, description), now=began)
        add_touches(session, [_touch(row, tools.key, now) for row in said["touches"]], now=now)
        touched = prospect_ids(session, [row["domain"] for row in said["touches"]])
        note_columns(session, true_columns(session, touched.values()))
    score(database, scope, StoryClock(now))
    return scope


def _touch(row: dict[str, Any], key: str, now: datetime) -> TouchEntry:
    return TouchEntry(
        source_key=f"sample:{row['domain']}",
        at=days_before(now, row["days_ago"]),
        person_key=person_key(key, address_of(row["address"])) if row["address"] else "",
        domain=row["domain"],
        outcome=TouchOutcome(row["outcome"]),
    )


def _add_reminders(session: Session, files: SampleFiles, *, now: datetime) -> None:
    for row in files.workspace["reminders"]:
        subject = None
        if row["domain"]:
            subject = Subject("prospect", prospect_of(session, row["domain"]).key)
        due_at = now + timedelta(hours=row["due_in_hours"])
        add_reminder(session, row["text"], due_at=due_at, subject=subject)


def _mark_loaded(session: Session, now: datetime) -> None:
    subject = Subject("workspace", session.workspace_id)
    record(session, _LOADED, subject, "Loaded this sample workspace.", now=now)


def _sweep_leftovers(database: Database) -> None:
    """Remove sample workspaces whose loading was interrupted; whole ones carry a mark."""
    with database.system() as session:
        marked = set(
            session.exec(select(Activity.workspace_id).where(Activity.verb == _LOADED)).all()
        )
        half = [
            row.key
            for row in session.exec(select(Workspace).where(col(Workspace.is_sample))).all()
            if row.key not in marked
        ]
        if half:
            session.exec(delete(ContactTouch).where(col(ContactTouch.in_workspace_id).in_(half)))
            people = session.exec(
                select(Contact.person_key).where(col(Contact.workspace_id).in_(half))
            ).all()
            ours = col(Suppression.added_in_workspace_id).in_(half)
            named = col(Suppression.match_key).in_(people)  # by a wish for silence
            session.exec(delete(Suppression).where(ours | named))
            session.exec(delete(Workspace).where(col(Workspace.id).in_(half)))
