"""Where a site or person appears that was written to lately, the page says so, in one wording."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope
from outreach.suppression.models import ContactTouch
from tests.factories import make_prospect, make_workspace
from tests.factories_campaigns import make_contact, make_opportunity

SAID = "another team, 12 days ago, awaiting answer"
PAGES = (
    "/prospects/", "/prospects/{prospect}", "/prospects/{prospect}/panel",
    "/prospects/?open={prospect}", "/review/", "/contacts/", "/contacts/{contact}",
    "/opportunities/", "/opportunities/table", "/opportunities/{opportunity}",
)  # fmt: skip


@pytest.fixture
def shown(database: Database, scope: Scope) -> dict[str, int]:
    """A prospect with a person and an opportunity, whose site another team wrote to."""
    other, now = make_workspace(database), utc_now()
    with database.system() as session:
        session.add(
            ContactTouch(
                domain="touched.example", in_workspace_id=other.workspace_id,
                user_id=other.user_id, at=now - timedelta(days=12, hours=1), source_key="outbox:1",
            )
        )  # fmt: skip
    with database.writing(scope) as session:
        prospect = make_prospect(session, domain="touched.example")
        contact = make_contact(session, "ann@touched.example", site_id=prospect.site_id)
        opportunity = make_opportunity(session, prospect=prospect, contact_id=contact.key)
        return {"prospect": prospect.key, "contact": contact.key, "opportunity": opportunity.key}


@pytest.mark.parametrize("page", PAGES)
def test_whoever_was_written_to_lately_is_marked_wherever_they_appear(
    client: FlaskClient, shown: dict[str, int], page: str
) -> None:
    answer = client.get(page.format(**shown))

    assert answer.status_code == 200
    assert SAID in answer.text
