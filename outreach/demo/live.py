"""The app after the play: its pages, and a worker that goes on in the play's own small world."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from outreach.accounts.queries import installation_switch
from outreach.accounts.services import WEB_ACCESS
from outreach.adapters.http_pages import SwitchedOffFetcher
from outreach.adapters.imap import ImapReader
from outreach.adapters.smtp import SmtpSender
from outreach.app import create_app
from outreach.core.db import SYSTEM
from outreach.jobs.queues import LazyWaker
from outreach.jobs.runner import Worker
from outreach.jobs.work import Queue
from outreach.wiring.web import web_services
from outreach.wiring.worker import worker_services

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from outreach.core.settings import Settings
    from outreach.demo.stage import Stage
    from outreach.ports.mail import MailReader, MailSender, MailServer
    from outreach.ports.pages import PageFetcher


class DemoPlugs:
    """Real adapters, whose names and servers are those of the demo."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def mail_sender(self, server: MailServer) -> MailSender:
        """Return a sender over SMTP."""
        return SmtpSender(server, allow_private=True)

    def mail_reader(self, server: MailServer) -> MailReader:
        """Return a reader over IMAP."""
        return ImapReader(server, allow_private=True)

    def page_fetcher(self, settings: Settings) -> PageFetcher:  # noqa: ARG002 - the port's shape
        """Return the fetcher that knows the demo's hosts; closed while somebody keeps it so."""
        with self._stage.database.reading(SYSTEM) as session:
            is_open = installation_switch(session, WEB_ACCESS)
        return self._stage.fetcher if is_open else SwitchedOffFetcher()


def make_app(stage: Stage) -> Flask:
    """Build the pages on the play's data; what they ask for wakes the worker."""
    waker = LazyWaker(stage.settings, stage.key)
    return create_app(web_services(stage.settings, waker.wake))


@contextmanager
def working(stage: Stage) -> Iterator[None]:
    """Run the clock and the queues, and let publishers answer at once what they are sent."""
    services = worker_services(stage.settings, DemoPlugs(stage), name="demo")
    worker = Worker(services, tuple(Queue))
    stage.post.answer_at_once()
    worker.start()
    try:
        yield
    finally:
        worker.stop()
