"""The real plugs of mail: SMTP and IMAP; the web has its own in `crawl_plugs`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.adapters.imap import ImapReader
from outreach.adapters.smtp import SmtpSender
from outreach.core.errors import Unavailable

if TYPE_CHECKING:
    from outreach.core.settings import Settings
    from outreach.ports.mail import MailReader, MailSender, MailServer
    from outreach.ports.pages import PageFetcher


class MailPlugs:
    """Plugs of a process that sends and reads mail and never fetches a page."""

    def __init__(self, settings: Settings) -> None:
        self._private_hosts = settings.private_hosts

    def mail_sender(self, server: MailServer) -> MailSender:
        """Return a sender over SMTP."""
        return SmtpSender(server, allow_private=self._may_be_private(server))

    def mail_reader(self, server: MailServer) -> MailReader:
        """Return a reader over IMAP."""
        return ImapReader(server, allow_private=self._may_be_private(server))

    def page_fetcher(self, settings: Settings) -> PageFetcher:
        """Refuse: pages are fetched in the crawl process only."""
        raise Unavailable("Pages are fetched by the crawl worker: outreach worker --queues crawl")

    def _may_be_private(self, server: MailServer) -> bool:
        return bool({server.host, f"{server.host}:{server.port}"} & self._private_hosts)


def make_plugs(settings: Settings) -> MailPlugs:
    """Build the plugs of a mail and file worker."""
    return MailPlugs(settings)
