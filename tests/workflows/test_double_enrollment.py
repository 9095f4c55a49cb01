"""Two people press the same button at once; two campaigns want the same company."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlmodel import select

from outreach.core.db import Database, Scope
from outreach.pitches.rules import TemplateFacts
from outreach.pitches.services import save_template
from outreach.sequences.editing import SequenceFacts, StepFacts, save_sequence
from outreach.sequences.models import Enrollment
from outreach.workflows.start_pitching import PitchOutcome, start_pitching
from tests import factories
from tests.factories_campaigns import make_campaign, make_contact, make_opportunity
from tests.factories_mail import NOON, make_mailbox

AT_ONCE = 4


def _opportunities(database: Database, scope: Scope) -> list[int]:
    """One company, two colleagues, two campaigns; each campaign wants each of them."""
    with database.writing(scope) as session:
        template = save_template(session, TemplateFacts("One", "Hi", "Hello"), now=NOON)
        steps = (StepFacts(template.key, 0),)
        sequence = save_sequence(session, SequenceFacts("One", steps), now=NOON)
        mailbox = make_mailbox(session)
        prospect = factories.make_prospect(session, domain="garden.example")
        found = []
        for name in ("nora", "ada"):
            contact = make_contact(session, f"{name}@garden.example")
            campaign = make_campaign(session, sequence_id=sequence.key, mailbox_id=mailbox.key)
            opportunity = make_opportunity(
                session, campaign=campaign, prospect=prospect, contact_id=contact.key
            )
            found.append(opportunity.key)
        return found


def test_a_company_is_enrolled_once_whoever_presses_at_the_same_moment(
    database: Database, scope: Scope
) -> None:
    opportunities = _opportunities(database, scope)
    together = Barrier(AT_ONCE)

    def press(number: int) -> PitchOutcome:
        together.wait()
        wanted = [opportunities[number % 2]]
        return start_pitching(database, scope, wanted, NOON)[0]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(press, range(AT_ONCE)))

    assert sum(outcome.is_enrolled for outcome in outcomes) == 1
    assert all(outcome.refusals for outcome in outcomes if not outcome.is_enrolled)
    with database.reading(scope) as session:
        assert len(session.exec(select(Enrollment)).all()) == 1
