"""The quarantine of an import: mend, retry, leave out, download; and what the columns hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlmodel import select

from outreach.accounts.words import Role
from outreach.core.db import Database, Scope
from outreach.imports.models import ColumnMapping, ImportFile, ImportRow
from outreach.imports.queries import count_verdicts, get_import_file
from outreach.imports.words import Verdict
from outreach.prospects.models import Prospect
from outreach.workflows.import_file import run_import
from tests.factories_imports import import_text, start_file, tools_in

REFUSED = (
    "URL,Title,Ours\n"
    "https://soil.example.org/,Soil,1\n"
    "htp//roses,Roses,2\n"
    "nonsense here,Nothing,3\n"
)
UNKNOWN = (
    b"Wo es steht;Wer;Rang\nhttps://moss.example.org/lawn;Ann;3\nhttps://fern.example.net/;Bo;4\n"
)


@pytest.fixture
def file_id(database: Database, scope: Scope, tmp_path: Path) -> int:
    return import_text(database, scope, tmp_path, REFUSED, name="garden.csv").key


def refused_ids(database: Database, scope: Scope) -> list[int]:
    with database.reading(scope) as session:
        wanted = select(ImportRow).where(ImportRow.verdict == Verdict.REFUSED)
        return [row.key for row in session.exec(wanted.order_by(ImportRow.line_number)).all()]  # type: ignore[arg-type]


def counts(database: Database, scope: Scope, import_file_id: int) -> dict[str, int]:
    """The import's own counts, once they are seen to be those of its rows."""
    with database.reading(scope) as session:
        kept = get_import_file(session, import_file_id).counts
        assert kept == count_verdicts(session, import_file_id)
    return kept


def upload(client: FlaskClient, data: bytes, name: str) -> str:
    answer = client.post("/imports/", data={"file": (BytesIO(data), name)})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def test_refused_rows_stand_with_reason_and_cells_the_deciding_ones_first(
    client: FlaskClient, file_id: int
) -> None:
    page = client.get(f"/imports/{file_id}/quarantine").text

    assert "Row 3:</strong> “htp//roses” is not a web address." in page
    assert 'value="htp//roses"' in page
    assert page.index('value="Roses"') < page.index("1 other column") < page.index(">Ours</label>")


def test_only_mended_rows_are_retried_and_the_page_says_what_became_of_them(
    client: FlaskClient, database: Database, scope: Scope, file_id: int
) -> None:
    first, second = refused_ids(database, scope)
    form = {
        f"cell-{first}-0": "https://roses.example.net/",
        f"cell-{first}-1": "Roses",
        f"cell-{second}-0": "nonsense here",
    }

    answer = client.post(f"/imports/{file_id}/quarantine", data=form)

    assert answer.headers["Location"].endswith(f"?tried={first}")
    page = client.get(answer.headers["Location"]).text
    assert "Read 1 row again: 1 new." in page
    assert "What became of the rows you mended" in page
    assert "https://roses.example.net/" in page
    assert "nonsense here" in page
    assert counts(database, scope, file_id) == {"added": 2, "refused": 1}


def test_a_row_that_is_refused_again_keeps_what_was_typed_and_says_why(
    client: FlaskClient, database: Database, scope: Scope, file_id: int
) -> None:
    first = refused_ids(database, scope)[0]

    sent = client.post(f"/imports/{file_id}/quarantine", data={f"cell-{first}-0": "still not"})

    page = client.get(sent.headers["Location"]).text
    assert "Read 1 row again: 1 refused." in page
    assert 'value="still not"' in page


def test_nothing_is_read_again_when_no_cell_was_changed(
    client: FlaskClient, database: Database, scope: Scope, file_id: int
) -> None:
    first = refused_ids(database, scope)[0]

    sent = client.post(f"/imports/{file_id}/quarantine", data={f"cell-{first}-0": "htp//roses"})

    assert "No cell was changed" in client.get(sent.headers["Location"]).text
    assert counts(database, scope, file_id)["refused"] == 2


def test_a_row_is_left_out_and_put_back(
    client: FlaskClient, database: Database, scope: Scope, file_id: int
) -> None:
    first = refused_ids(database, scope)[0]

    client.post(f"/imports/{file_id}/skipped", data={"row": str(first)})
    assert counts(database, scope, file_id) == {"added": 1, "refused": 1, "skipped": 1}
    page = client.get(f"/imports/{file_id}/quarantine").text
    undo_url = re.search(r'action="(/imports/\d+/skipped/undo[^"]*)"', page)
    assert undo_url is not None
    client.post(undo_url[1])

    assert counts(database, scope, file_id) == {"added": 1, "refused": 2}


def test_all_refused_rows_are_left_out_at_once(
    client: FlaskClient, database: Database, scope: Scope, file_id: int
) -> None:
    client.post(f"/imports/{file_id}/skipped", data={"all": "y"})

    assert counts(database, scope, file_id) == {"added": 1, "skipped": 2}
    assert "No row is set aside" in client.get(f"/imports/{file_id}/quarantine").text


def test_refused_rows_are_downloaded_as_in_the_file_with_line_and_reason(
    client: FlaskClient, file_id: int
) -> None:
    answer = client.get(f"/imports/{file_id}/refused.csv")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="refused-garden.csv"'
    assert answer.get_data().decode("utf-8-sig").splitlines() == [
        '"URL","Title","Ours","Line in the file","Why it was refused"',
        '"htp//roses","Roses","2","3","“htp//roses” is not a web address."',
        '"nonsense here","Nothing","3","4","“nonsense here” is not a web address."',
    ]


def test_lines_of_a_plain_list_are_mended_and_downloaded_too(
    client: FlaskClient, database: Database, scope: Scope, tmp_path: Path
) -> None:
    text = "https://a.example.org/\nhttps://b.example.net/\nnot an address\n"
    file_id = import_text(database, scope, tmp_path, text, name="list.txt").key
    row = refused_ids(database, scope)[0]

    assert 'value="not an address"' in client.get(f"/imports/{file_id}/quarantine").text
    assert '"not an address","3"' in client.get(f"/imports/{file_id}/refused.csv").text
    client.post(f"/imports/{file_id}/quarantine", data={f"cell-{row}-0": "https://c.example.com/"})

    assert counts(database, scope, file_id) == {"added": 3}


def test_a_viewer_sees_quarantine_and_mends_nothing(
    client_as: Callable[[Role], FlaskClient], file_id: int
) -> None:
    viewer = client_as(Role.VIEWER)

    assert viewer.get(f"/imports/{file_id}/quarantine").status_code == 200
    assert viewer.post(f"/imports/{file_id}/quarantine").status_code == 403
    assert viewer.post(f"/imports/{file_id}/skipped", data={"all": "y"}).status_code == 403
    assert viewer.get(f"/imports/{file_id}/columns").status_code == 403


def test_an_unknown_table_asks_what_its_columns_hold(client: FlaskClient) -> None:
    url = upload(client, UNKNOWN, "moos.csv")

    answer = client.get(url)
    assert answer.headers["Location"] == f"{url}/columns"
    page = client.get(f"{url}/columns").text

    assert "Wo es steht" in page
    assert "https://moss.example.org/lawn · https://fern.example.net/" in page
    assert re.search(r'<option value="url" selected>Page URL', page)
    assert "probably, by its values" in page
    assert client.post(f"{url}/start").headers["Location"] == f"{url}/columns"


def test_columns_said_wrongly_are_explained_and_kept_as_chosen(client: FlaskClient) -> None:
    url = upload(client, UNKNOWN, "moos.csv")

    nothing = client.post(f"{url}/columns", data={"kind": "page", "column-1": "title"})
    twice = {"kind": "page", "column-0": "url", "column-1": "url"}
    doubled = client.post(f"{url}/columns", data=twice)
    live = client.post(f"{url}/columns/check", data={"kind": "past contact", "column-0": "site"})

    assert (nothing.status_code, doubled.status_code) == (422, 422)
    assert "Say which column holds “Page URL” or “Domain”." in nothing.text
    assert re.search(r'<option value="title" selected>', nothing.text)
    assert "Two columns hold “Page URL”: choose one of them." in doubled.text
    assert "Say which column holds “Contacted on”." in live.text


def test_columns_told_once_are_used_for_the_next_file_until_forgotten(
    client: FlaskClient, database: Database, scope: Scope, tmp_path: Path
) -> None:
    url = upload(client, UNKNOWN, "moos.csv")
    told = client.post(f"{url}/columns", data={"kind": "page", "column-0": "url"})
    assert told.headers["Location"] == url
    assert "adds 2 new prospects" in client.get(url).text

    later = upload(client, UNKNOWN.replace(b"moss", b"peat"), "torf.csv")
    assert "Read as you told us on" in client.get(later).text
    run_import(
        database,
        scope,
        start_file(database, scope, int(later.rsplit("/", 1)[1])),
        tools_in(tmp_path),
    )
    with database.reading(scope) as session:
        assert len(session.exec(select(Prospect)).all()) == 2
        mapping = session.exec(select(ColumnMapping)).one()
    assert mapping.used_count == 1
    page = client.get("/imports/mappings/").text
    assert "“Wo es steht” is Page URL" in page
    assert "2 columns left out" in page

    client.post(f"/imports/mappings/{mapping.key}/deletion")
    assert client.get(upload(client, UNKNOWN, "neu.csv")).status_code == 303


def test_a_recognised_file_can_be_read_differently_and_so_is_the_next(
    client: FlaskClient,
) -> None:
    data = b"URL,Title,Headline\nhttps://soil.example.org/,Soil,Better\n"
    url = upload(client, data, "a.csv")
    page = client.get(f"{url}/columns").text
    assert re.search(r'<option value="title" selected>', page)

    client.post(f"{url}/columns", data={"kind": "page", "column-0": "url", "column-2": "title"})

    assert "Table mapped by hand" in client.get(url).text
    again = upload(client, data.replace(b"soil", b"heap"), "b.csv")
    assert "Read as you told us on" in client.get(again).text


def test_an_imported_file_read_differently_becomes_a_new_import(
    client: FlaskClient, database: Database, scope: Scope, file_id: int
) -> None:
    form = {"kind": "page", "column-0": "url", "column-2": "title"}

    answer = client.post(f"/imports/{file_id}/columns", data=form)

    assert answer.headers["Location"] == f"/imports/{file_id + 1}"
    with database.reading(scope) as session:
        assert len(session.exec(select(ImportFile)).all()) == 2


def test_rows_of_a_list_are_said_to_be_something_else(client: FlaskClient) -> None:
    url = upload(client, b"a.example.org\nb.example.net\n", "list.txt")

    client.post(f"{url}/kind", data={"kind": "suppression"})
    assert "adds 2 new suppressions" in client.get(url).text
    client.post(f"{url}/kind", data={"kind": ""})
    assert "adds 2 new prospects" in client.get(url).text


def test_a_table_that_is_something_else_asks_for_its_columns(client: FlaskClient) -> None:
    url = upload(client, b"URL,Title\nhttps://soil.example.org/,Soil\n", "a.csv")

    answer = client.post(f"{url}/kind", data={"kind": "coverage"})

    assert answer.headers["Location"].startswith(f"{url}/columns?kind=coverage")
    assert re.search(r'value="coverage" selected', client.get(answer.headers["Location"]).text)
