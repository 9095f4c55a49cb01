"""What a play works with: a database of its own, servers on loopback, and a clock of its own."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from outreach.adapters.capture import CaptureSender
from outreach.adapters.http_pages import FetchPolicy, HttpPageFetcher
from outreach.adapters.imap import ImapReader
from outreach.adapters.smtp import SmtpSender
from outreach.campaigns.queries import opportunities_of_prospect
from outreach.core.business_days import is_business_day
from outreach.core.clock import utc_now
from outreach.core.db import SYSTEM, Database, Scope, make_engine
from outreach.core.settings import Settings, secret_key
from outreach.core.tokens import SecretBox
from outreach.demo.post_office import PostOffice
from outreach.demo.web import DemoWeb, LoopbackResolver
from outreach.mail.mailboxes import get_mailbox, imap_server, smtp_server
from outreach.prospects.queries import find_prospect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from outreach.campaigns.models import Opportunity
    from outreach.core.db import Session
    from outreach.demo.cast import Publisher
    from outreach.prospects.models import Prospect

_DAYS_PLAYED = 17  # from the first morning to now; the play itself takes two weeks at most
_SPACING_S = 0.05  # between two looks at one of our own hosts; for strangers it is a second


class Missed(Exception):
    """Something did not come out as the play says; the message is what was expected."""


def expect(is_so: object, said: str) -> None:
    """Fail the scene unless something is so."""
    if not is_so:
        raise Missed(said)


@dataclass(slots=True)
class PlayClock:
    """The play's own present moment."""

    now: datetime

    def __call__(self) -> datetime:
        """Return the moment the play has reached."""
        return self.now


@dataclass(slots=True)
class Stage:
    """Everything the scenes share."""

    settings: Settings
    database: Database
    key: str
    box: SecretBox
    clock: PlayClock
    web: DemoWeb
    post: PostOffice
    fetcher: HttpPageFetcher
    scope: Scope = SYSTEM  # until the first scene has made a workspace
    other_team: Scope = SYSTEM
    email: str = ""
    password: str = ""
    ids: dict[str, int] = field(default_factory=dict)
    figures: list[tuple[str, str]] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        """The moment the play has reached."""
        return self.clock.now

    def wait(self, **time: float) -> None:
        """Let time pass, as `timedelta` counts it."""
        self.clock.now += timedelta(**time)

    def wait_until(self, moment: datetime) -> None:
        """Let time pass until a moment, unless it has passed."""
        self.clock.now = max(self.clock.now, moment)

    def note(self, name: str, value: object) -> None:
        """Keep a figure for the summary."""
        self.figures.append((name, str(value)))

    def sender(self, *, is_capture: bool) -> CaptureSender | SmtpSender:
        """Return the mailbox's way out: kept here, or over SMTP."""
        if is_capture:
            return CaptureSender()
        with self.database.reading(self.scope) as session:
            server = smtp_server(get_mailbox(session, self.ids["mailbox"]), self.box)
        return SmtpSender(server, allow_private=True)

    def reader(self) -> ImapReader:
        """Return the mailbox's way in, over IMAP."""
        with self.database.reading(self.scope) as session:
            server = imap_server(get_mailbox(session, self.ids["mailbox"]), self.box)
        expect(server, "the mailbox can be read")
        assert server is not None
        return ImapReader(server, allow_private=True)

    def prospect(self, session: Session, who: Publisher) -> Prospect:
        """Return a publisher's prospect."""
        found = find_prospect(session, who.site)
        if found is None:
            raise Missed(f"{who.site} is among the prospects")
        return found

    def opportunity(self, session: Session, who: Publisher) -> Opportunity:
        """Return the one opportunity with a publisher."""
        found = opportunities_of_prospect(session, self.prospect(session, who).key)
        expect(len(found) == 1, f"there is one opportunity with {who.site}")
        return found[0]


@contextmanager
def set_stage(folder: Path, *, port: int) -> Iterator[Stage]:
    """Open the servers on an empty data directory; the app will be shown on `port`."""
    with ExitStack() as stack:
        web = stack.enter_context(DemoWeb())
        post = stack.enter_context(PostOffice())
        hosts = web.allowed_hosts | {
            f"127.0.0.1:{server.port}" for server in (post.smtp, post.imap)
        }
        settings = Settings(
            data_dir=folder,
            port=port,
            public_url=f"http://127.0.0.1:{port}",
            log_level="ERROR",
            allowed_private_hosts=",".join(sorted(hosts)),
        )
        database = Database(make_engine(settings.database, durable=True))
        stack.callback(database.engine.dispose)
        key = secret_key(settings)
        policy = replace(
            FetchPolicy(allowed_hosts=web.allowed_hosts),
            spacing_s=_SPACING_S,
        )
        yield Stage(
            settings=settings,
            database=database,
            key=key,
            box=SecretBox(key),
            clock=PlayClock(first_morning(utc_now())),
            web=web,
            post=post,
            fetcher=HttpPageFetcher(policy, resolver=LoopbackResolver(web.hosts)),
        )


def first_morning(now: datetime) -> datetime:
    """Return nine in the morning (UTC) of a working day early in a week, long enough ago."""
    day = (now - timedelta(days=_DAYS_PLAYED)).date()
    while day.weekday() > 1 or not is_business_day(day, "GB"):
        day -= timedelta(days=1)
    return datetime(day.year, day.month, day.day, 9, 0, tzinfo=UTC)
