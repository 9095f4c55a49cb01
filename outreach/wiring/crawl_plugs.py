"""The real plug of the crawl process: pages over HTTP, no mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.accounts.queries import installation_switch
from outreach.accounts.services import WEB_ACCESS
from outreach.adapters.http_pages import FetchPolicy, HttpPageFetcher, SwitchedOffFetcher
from outreach.core.db import SYSTEM, Database, make_engine
from outreach.core.errors import Unavailable

if TYPE_CHECKING:
    from outreach.core.settings import Settings
    from outreach.ports.mail import MailReader, MailSender, MailServer
    from outreach.ports.pages import PageFetcher


class CrawlPlugs:
    """Plugs of a process that fetches pages and never touches a mailbox."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._database = database
        self._fetcher = HttpPageFetcher(
            FetchPolicy(
                contact_url=settings.crawl_contact_url or settings.public_url,
                allowed_hosts=settings.private_hosts,
            )
        )

    def mail_sender(self, server: MailServer) -> MailSender:
        """Refuse: mail is sent by the mail worker only."""
        raise Unavailable("Mail is sent by the mail worker: outreach worker --queues mail")

    def mail_reader(self, server: MailServer) -> MailReader:
        """Refuse: mail is read by the mail worker only."""
        raise Unavailable("Mail is read by the mail worker: outreach worker --queues mail")

    def page_fetcher(self, settings: Settings) -> PageFetcher:
        """Return the door to the web; closed while the operator keeps it so."""
        with self._database.reading(SYSTEM) as session:
            is_open = installation_switch(session, WEB_ACCESS)
        return self._fetcher if is_open else SwitchedOffFetcher()


def make_plugs(settings: Settings) -> CrawlPlugs:
    """Build the plugs of the crawl process."""
    return CrawlPlugs(settings, Database(make_engine(settings.database)))
