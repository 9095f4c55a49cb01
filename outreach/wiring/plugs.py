"""Which plug is used for which wire; tests and the demo hand in their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from outreach.core.settings import Settings
    from outreach.ports.mail import MailReader, MailSender, MailServer
    from outreach.ports.pages import PageFetcher


class Plugs(Protocol):
    """Builds adapters for one piece of work."""

    def mail_sender(self, server: MailServer) -> MailSender:
        """Return a sender that hands mail to this server."""
        ...

    def mail_reader(self, server: MailServer) -> MailReader:
        """Return a reader of this mailbox."""
        ...

    def page_fetcher(self, settings: Settings) -> PageFetcher:
        """Return the door to the web, as far as the operator has opened it."""
        ...
