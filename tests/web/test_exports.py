"""Lists as files: the button, the file's name, who may take what."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlmodel import select

from outreach.accounts.words import Role
from outreach.activity.models import Activity
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope
from outreach.prospects.words import Review
from outreach.workflows.export_list import EXPORTS
from tests.factories import make_prospect
from tests.factories_campaigns import make_contact, make_opportunity, make_outbox_message

PAGES = {
    "prospects": "/prospects/",
    "pages": "/prospects/",
    "contacts": "/contacts/",
    "opportunities": "/opportunities/table",
    "links": "/links/",
    "assets": "/assets/",
    "campaigns": "/campaigns/",
    "outbox": "/outbox/",
    "suppressions": "/suppressions/",
}
OF_PEOPLE = {"contacts", "opportunities", "outbox", "suppressions"}


@pytest.fixture
def filled(database: Database, scope: Scope) -> None:
    with database.writing(scope) as session:
        make_prospect(session, domain="soil.example", title="=1+1", review=Review.APPROVED)
        make_prospect(session, domain="bees.example")
        make_opportunity(session)
        make_outbox_message(session, make_contact(session))


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("name", list(EXPORTS))
def test_every_list_has_its_export_and_the_file_bears_its_name(
    client: FlaskClient, name: str
) -> None:
    assert f'action="/exports/{name}"' in client.get(PAGES[name]).text
    day = f"{utc_now():%Y-%m-%d}"
    answer = client.post(f"/exports/{name}", data={"format": "csv"})
    assert answer.headers["Content-Disposition"] == f"attachment; filename={name}-{day}.csv"
    assert answer.content_type == "text/csv; charset=utf-8"
    answer = client.post(f"/exports/{name}", data={"format": "xlsx"})
    assert answer.headers["Content-Disposition"] == f"attachment; filename={name}-{day}.xlsx"
    assert zipfile.ZipFile(io.BytesIO(answer.data)).testzip() is None


@pytest.mark.usefixtures("filled")
def test_the_filter_of_the_page_narrows_the_file(client: FlaskClient) -> None:
    page = client.get("/prospects/?review=approved").text
    assert 'name="query" value="?review=approved"' in page
    text = client.post("/exports/prospects", data={"query": "?review=approved"}).text
    assert "soil.example" in text
    assert "'=1+1" in text
    assert "bees.example" not in text


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("name", list(EXPORTS))
def test_viewers_take_no_lists_of_people_away(
    client_as: Callable[[Role], FlaskClient], name: str, database: Database, scope: Scope
) -> None:
    viewer = client_as(Role.VIEWER)
    status = viewer.post(f"/exports/{name}").status_code
    assert status == (403 if name in OF_PEOPLE else 200)
    assert (f'action="/exports/{name}"' in viewer.get(PAGES[name]).text) is (status == 200)
    with database.reading(scope) as session:
        told = session.exec(select(Activity).where(Activity.verb == "exported")).all()
    assert len(told) == (status == 200)
    assert client_as(Role.MEMBER).post(f"/exports/{name}").status_code == 200


def test_a_list_nobody_knows_is_not_found(client: FlaskClient) -> None:
    assert client.post("/exports/passwords").status_code == 404
