"""Pages of mail in states the sample workspace does not show; the rest is in test_every_page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from outreach.adapters.capture import CaptureSender
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope
from outreach.core.tokens import SecretBox
from outreach.mail.mailboxes import MailboxFacts, save_mailbox
from outreach.mail.words import OutboxState, Transport
from outreach.pitches.rules import TemplateFacts
from outreach.pitches.services import save_template
from outreach.sequences.editing import SequenceFacts, StepFacts, save_sequence
from outreach.workflows.send_due import Post, send_due
from outreach.workflows.start_pitching import start_pitching
from tests import factories
from tests.browser.page_check import PageChecker
from tests.browser.served_app import served_app
from tests.factories_campaigns import make_asset, make_campaign, make_contact, make_opportunity
from tests.factories_mail import queue_mail

pytestmark = pytest.mark.browser
KEY = "a key for tests only, long enough"
BODY = """Hello {{ contact.first_name|default("there") }},

{{ personal }}

We keep {{ asset.title }} at {{ asset.url }}. Your readers at {{ prospect.domain }} may like it.
"""


@dataclass
class Site:
    """The running app and a browser's way into it."""

    url: str
    cookies: list[dict[str, str]]


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served_app(sqlite_template, tmp_path_factory.mktemp("mail"), key=KEY) as at:
        _tell_story(at.database, at.scope)
        yield Site(at.url, at.cookies)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/templates/1", "template-hole"),
        ("/outbox/?tab=in_doubt", "outbox-in-doubt"),
        ("/outbox/2", "outbox-doubt"),
        ("/enrollments/of/2/preview", "pitch-refused"),
    ],
)
def test_a_page_of_mail_is_right_in_every_light_and_width(
    page_check: PageChecker, site: Site, path: str, name: str
) -> None:
    page_check(f"{site.url}{path}", name=name, cookies=site.cookies)


def _tell_story(database: Database, scope: Scope) -> None:
    """One captured mail, one in doubt, one waiting, one sequence begun and one refused."""
    now = utc_now()
    with database.writing(scope) as session:
        facts = MailboxFacts(
            address="jo@tidepool-tools.example", display_name="Jo Meyer",
            signature="Jo Meyer\nTidepool Tools", transport=Transport.SMTP,
            smtp_host="smtp.tidepool-tools.example", username="jo", password="secret",
        )  # fmt: skip
        mailbox = save_mailbox(session, facts, box=SecretBox(KEY), now=now)
        mailbox.gap_minutes = 0
        queue_mail(session, mailbox, "nora.lindqvist@meadow-journal.example")
        template = save_template(
            session, TemplateFacts("Resource page", "Your page about soil", BODY), now=now
        )
        nudge = TemplateFacts("Friendly nudge", "Nudge", "Did my note reach you? {{ asset.url }}")
        steps = (
            StepFacts(template.key, 0),
            StepFacts(save_template(session, nudge, now=now).key, 4),
        )
        sequence = save_sequence(session, SequenceFacts("Resource pages", steps), now=now)
        campaign = make_campaign(
            session, name="Soil atlas", asset_id=make_asset(session, title="the soil atlas").key,
            sequence_id=sequence.key, mailbox_id=mailbox.key,
        )  # fmt: skip
        for domain, words in (("garden.example", "I tried your compost."), ("plot.example", "")):
            prospect = factories.make_prospect(session, domain=domain)
            contact = make_contact(session, f"mia@{domain}", name="Mia Hart")
            make_opportunity(
                session, campaign=campaign, prospect=prospect, contact_id=contact.key,
                personal_words=words,
            )  # fmt: skip
    post = Post(database=database, sender=CaptureSender(), is_capture=True, clock=utc_now)
    assert send_due(post, scope, 1) == 1
    assert start_pitching(database, scope, [1], now)[0].is_enrolled
    with database.writing(scope) as session:
        doubt = queue_mail(session, mailbox, "editor@northwind-gardening.example")
        doubt.state, doubt.reason = OutboxState.IN_DOUBT, "The connection broke after the dot."
        queue_mail(session, mailbox, "hello@growers-union.example")
