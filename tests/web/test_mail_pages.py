"""Pages of templates, sequences, mailboxes, the outbox and of beginning to pitch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlmodel import select

from outreach.accounts.words import Role
from outreach.campaigns.models import Campaign, Opportunity
from outreach.core.db import Database, Scope
from outreach.core.tokens import SecretBox
from outreach.mail.mailboxes import smtp_server
from outreach.mail.models import Mailbox, OutboxMessage
from outreach.mail.words import OutboxState
from outreach.pitches.models import PitchTemplate
from outreach.pitches.rules import TemplateFacts
from outreach.pitches.services import save_template
from outreach.sequences.editing import SequenceFacts, StepFacts, save_sequence
from outreach.sequences.models import Enrollment, Sequence, Step
from outreach.sequences.words import EnrollmentState
from tests import factories
from tests.factories_campaigns import make_asset, make_campaign, make_contact, make_opportunity
from tests.factories_mail import NOON, make_mailbox, queue_mail
from tests.web.conftest import TEST_KEY

TEMPLATE = {"name": "Soil", "tactic": "", "subject": "About {{ page.title }}", "body": "Hello"}


def test_a_template_is_stored_and_shown_with_its_merge_fields(client: FlaskClient) -> None:
    answer = client.post("/templates/", data=TEMPLATE, follow_redirects=True)

    assert answer.status_code == 200
    assert "contact.first_name" in answer.text
    assert "Version 1" in answer.text
    assert "Soil" in client.get("/templates/").text


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("Hello\n{{ 7 * 7 }}", "Line 2: arithmetic is not allowed"),
        ("{{ contact.fist_name }}", "Did you mean “contact.first_name”?"),
    ],
)
def test_a_template_the_sandbox_refuses_says_which_line_and_what_is_allowed(
    client: FlaskClient, body: str, said: str
) -> None:
    answer = client.post("/templates/", data={**TEMPLATE, "body": body})

    assert answer.status_code == 422
    assert "In the text: " in answer.text
    assert said in answer.text
    assert body.split("\n", maxsplit=1)[0] in answer.text  # nothing typed is lost


def test_a_template_is_archived_and_comes_back(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    client.post("/templates/", data=TEMPLATE)

    client.post("/templates/1/archive")
    assert "Archived" in client.get("/templates/").text
    client.post("/templates/1/archive", data={"restore": "1"})
    with database.reading(scope) as session:
        assert not session.exec(select(PitchTemplate)).one().is_archived


def test_a_sequence_is_written_step_by_step(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    client.post("/templates/", data=TEMPLATE)
    form = {
        "name": "Three steps", "window_start": "09:00", "window_end": "16:30",
        "steps-0-pitch_template_id": "1", "steps-0-wait_business_days": "0",
        "steps-1-pitch_template_id": "1", "steps-1-wait_business_days": "4",
        "steps-2-pitch_template_id": "0", "steps-2-wait_business_days": "7",
    }  # fmt: skip

    assert client.post("/sequences/", data=form).status_code == 303
    with database.reading(scope) as session:
        waits = [step.wait_business_days for step in session.exec(select(Step)).all()]
        assert session.exec(select(Sequence)).one().name == "Three steps"
    assert waits == [0, 4]
    assert client.get("/sequences/1").status_code == 200
    again = client.post("/sequences/1", data={**form, "window_end": "08:00"})
    assert again.status_code == 422
    assert "open before it closes" in again.text


MAILBOX = {
    "address": "jo@ours.example", "display_name": "Jo", "transport": "smtp",
    "smtp_host": "smtp.ours.example", "smtp_port": "587", "smtp_security": "starttls",
    "imap_host": "", "imap_port": "993", "imap_security": "tls", "username": "jo",
    "password": "a secret of jo", "time_zone": "Europe/Berlin", "daily_cap": "40",
    "gap_minutes": "9",
}  # fmt: skip


def test_a_mailbox_keeps_its_password_encrypted_and_never_shows_it(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    answer = client.post("/mailboxes/", data=MAILBOX, follow_redirects=True)
    assert "a secret of jo" not in answer.text
    with database.reading(scope) as session:
        mailbox = session.exec(select(Mailbox)).one()
    assert "a secret of jo" not in mailbox.sealed_password
    assert smtp_server(mailbox, SecretBox(TEST_KEY)).password == "a secret of jo"

    client.post("/mailboxes/1", data={**MAILBOX, "password": "", "daily_cap": "10"})
    with database.reading(scope) as session:
        changed = session.exec(select(Mailbox)).one()
    assert (changed.daily_cap, changed.sealed_password) == (10, mailbox.sealed_password)


def test_proving_a_mailbox_is_a_job(
    client: FlaskClient, woken: list[tuple[str, str, int, int]]
) -> None:
    client.post("/mailboxes/", data=MAILBOX)

    answer = client.post("/mailboxes/1/proof")

    assert answer.headers["Location"] == "/jobs/1"
    assert woken[-1][:2] == ("io", "run_job_io")


def test_a_mailbox_is_paused_and_sends_again(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    client.post("/mailboxes/", data=MAILBOX)
    client.post("/mailboxes/1/pause")
    assert "A person paused it." in client.get("/mailboxes/1").text
    client.post("/mailboxes/1/pause", data={"resume": "1"})
    with database.reading(scope) as session:
        assert not session.exec(select(Mailbox)).one().is_paused


def test_a_queued_mail_is_shown_as_it_will_go_and_can_be_cancelled(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        message = queue_mail(session, make_mailbox(session))
        path = f"/outbox/{message.key}"

    assert "It is captured next." in client.get("/outbox/").text
    page = client.get(path).text
    assert "A page for you" in page
    assert "MIME-Version: 1.0" in page
    file = client.get(f"{path}/source")
    assert file.mimetype == "message/rfc822"
    assert file.data == message.raw
    assert "attachment" in file.headers["Content-Disposition"]
    client.post(f"{path}/cancellation")
    assert "Cancelled." in client.get("/outbox/?tab=not_sent").text


@pytest.mark.parametrize(
    ("decision", "state"), [("sent", OutboxState.SENT), ("again", OutboxState.QUEUED)]
)
def test_a_person_decides_about_a_doubt(
    client: FlaskClient, database: Database, scope: Scope, decision: str, state: OutboxState
) -> None:
    with database.writing(scope) as session:
        message = queue_mail(session, make_mailbox(session))
        message.state, message.reason = OutboxState.IN_DOUBT, "The server fell silent."
        message_id = message.key

    assert "The server fell silent." in client.get("/outbox/?tab=in_doubt").text
    client.post(f"/outbox/{message_id}/decision", data={"decision": decision})
    with database.reading(scope) as session:
        assert session.exec(select(OutboxMessage.state)).one() is state


def test_the_outbox_pages_on_without_losing_or_repeating_a_mail(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        mailbox = make_mailbox(session)
        for _ in range(53):
            queue_mail(session, mailbox)

    first = client.get("/outbox/").text
    following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    second = client.get(following.replace("&amp;", "&")).text
    assert first.count("table__link") == 50
    assert second.count("table__link") == 3
    assert client.get("/outbox/?after=rubbish").status_code == 422


@pytest.fixture
def opportunity_id(database: Database, scope: Scope) -> int:
    with database.writing(scope) as session:
        template = save_template(
            session, TemplateFacts("One", "On {{ prospect.domain }}", "{{ personal }}"), now=NOON
        )
        steps = (StepFacts(template.key, 0),)
        sequence = save_sequence(session, SequenceFacts("One step", steps), now=NOON)
        campaign = make_campaign(
            session, asset_id=make_asset(session).key, sequence_id=sequence.key,
            mailbox_id=make_mailbox(session).key,
        )  # fmt: skip
        prospect = factories.make_prospect(session, domain="garden.example")
        contact = make_contact(session, "nora@garden.example")
        return make_opportunity(
            session, campaign=campaign, prospect=prospect, contact_id=contact.key,
            personal_words="I tried your compost.",
        ).key  # fmt: skip


def test_an_opportunity_shows_its_mails_and_begins_its_sequence(
    client: FlaskClient, database: Database, scope: Scope, opportunity_id: int,
    woken: list[tuple[str, str, int, int]],
) -> None:  # fmt: skip
    page = client.get(f"/enrollments/of/{opportunity_id}/preview").text
    assert "On garden.example" in page
    assert "I tried your compost." in page
    assert "List-Unsubscribe: " in page

    client.post(f"/enrollments/of/{opportunity_id}")
    with database.reading(scope) as session:
        enrollment = session.exec(select(Enrollment)).one()
    assert woken == [("mail", "plan_step", scope.workspace_id, enrollment.key)]
    for action, state in (
        ("pause", EnrollmentState.PAUSED),
        ("resumption", EnrollmentState.ACTIVE),
        ("stop", EnrollmentState.STOPPED),
    ):
        assert client.post(f"/enrollments/{enrollment.key}/{action}").status_code == 303
        with database.reading(scope) as session:
            assert session.exec(select(Enrollment.state)).one() is state


def test_a_refusal_is_shown_before_anybody_clicks(
    client: FlaskClient, database: Database, scope: Scope, opportunity_id: int
) -> None:
    _set(database, scope, Opportunity, personal_words="")

    page = client.get(f"/enrollments/of/{opportunity_id}/preview").text

    assert "No value for personal" in page
    assert "Start the sequence" not in page


def test_several_opportunities_begin_at_once_and_refusals_are_listed(
    client: FlaskClient, database: Database, scope: Scope, opportunity_id: int
) -> None:
    with database.writing(scope) as session:
        campaign = session.exec(select(Campaign)).one()
        other = make_opportunity(session, campaign=campaign).key

    answer = client.post("/enrollments/", data={"opportunity_id": [opportunity_id, other]})

    assert "1 sequence has begun; 1 opportunity was refused." in answer.text
    assert "nobody to write to" in answer.text


def _set(database: Database, scope: Scope, model: Any, **values: Any) -> None:
    with database.writing(scope) as session:
        row = session.exec(select(model)).one()
        for name, value in values.items():
            setattr(row, name, value)


def test_a_viewer_sees_everything_and_is_offered_nothing_to_change(
    client_as: Callable[[Role], FlaskClient], database: Database, scope: Scope, opportunity_id: int
) -> None:
    with database.writing(scope) as session:
        queue_mail(session, make_mailbox(session))
    viewer = client_as(Role.VIEWER)

    for path in ("/templates/", "/templates/1", "/sequences/1", "/mailboxes/", "/outbox/1",
                 f"/enrollments/of/{opportunity_id}/preview"):  # fmt: skip
        page = viewer.get(path)
        main = page.text.partition("<main")[2].partition("</main>")[0]
        assert page.status_code == 200
        assert "button--primary" not in main, path
        assert 'class="button-form"' not in main, path
