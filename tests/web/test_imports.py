"""The import pages: drop, look, import, undo."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from flask.testing import FlaskClient
from sqlmodel import select

from outreach.accounts.words import Role
from outreach.activity.models import Job
from outreach.activity.services import claim_job
from outreach.core.db import Database, Scope
from outreach.imports.models import ImportFile
from outreach.imports.words import ImportState
from outreach.prospects.models import Prospect
from outreach.workflows.import_file import run_import
from outreach.workflows.undo_import import run_undo
from tests.factories import make_workspace
from tests.factories_imports import NOW, clock_from, drop_file, tools_in

PAGES = b"URL,Title\nhttps://soil.example.org/guide,Soil guide\nnonsense here,\n"


def upload(client: FlaskClient, data: bytes, name: str = "soil.csv", kind: str = "") -> str:
    answer = client.post("/imports/", data={"file": (BytesIO(data), name), "kind": kind})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def waiting_job(database: Database, scope: Scope) -> int:
    with database.writing(scope) as session:
        job = session.exec(select(Job).order_by(Job.id.desc())).first()  # type: ignore[union-attr]
        assert job is not None
        assert claim_job(session, job.key, now=NOW) is not None
        return job.key


def test_a_dropped_file_is_previewed_and_changes_nothing(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    url = upload(client, PAGES)

    page = client.get(url).text

    assert "Nothing is changed yet" in page
    assert "https://soil.example.org/guide" in page
    assert "Row 3" in page
    with database.reading(scope) as session:
        assert session.exec(select(ImportFile.state)).one() is ImportState.PREVIEWED
        assert session.exec(select(Prospect)).all() == []


def test_a_file_goes_from_preview_to_verdicts_and_back(
    client: FlaskClient,
    database: Database,
    scope: Scope,
    tmp_path: Path,
    woken: list[tuple[str, str, int, int]],
) -> None:
    url = upload(client, PAGES)

    assert client.post(f"{url}/start").status_code == 303
    assert woken[-1][:2] == ("io", "run_job_io")
    assert "progress" in client.get(url).text
    run_import(database, scope, waiting_job(database, scope), tools_in(tmp_path))

    page = client.get(url).text
    assert "Imported “soil.csv”: 1 new, 1 refused." in page
    assert "is not a web address" in client.get(f"{url}?verdict=refused").text
    assert "soil.csv" in client.get("/imports/").text
    file_id = url.rsplit("/", 1)[1]
    assert "example.org" in client.get(f"/prospects/?file={file_id}").text

    assert client.post(f"{url}/undoing").status_code == 303
    run_undo(database, scope, waiting_job(database, scope), clock_from())
    assert "undone" in client.get(url).text
    with database.reading(scope) as session:
        assert session.exec(select(Prospect)).all() == []


def test_a_broken_file_gets_its_sentence_beside_the_field(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    broken = (BytesIO(b"\x89PNG\r\n\x1a\n..."), "a.csv")
    answer = client.post("/imports/", data={"file": broken, "kind": ""})

    assert answer.status_code == 422
    assert "“a.csv” is a PNG image." in answer.text
    with database.reading(scope) as session:
        assert session.exec(select(ImportFile)).all() == []


def test_no_file_is_asked_for_again(client: FlaskClient) -> None:
    answer = client.post("/imports/", data={})

    assert answer.status_code == 422
    assert "Choose a file, or paste a list." in answer.text


def test_a_file_is_imported_once(client: FlaskClient) -> None:
    url = upload(client, PAGES)
    client.post(f"{url}/start")

    assert client.post(f"{url}/undoing").status_code == 409


def test_a_list_can_be_said_to_be_suppressions(client: FlaskClient) -> None:
    url = upload(client, b"quiet.example.net\n", "list.txt", kind="suppression")

    assert "Suppression list" in client.get(url).text


def test_a_viewer_sees_imports_but_drops_none(
    client: FlaskClient, client_as: Callable[[Role], FlaskClient]
) -> None:
    url = upload(client, PAGES)
    viewer = client_as(Role.VIEWER)

    assert viewer.get(url).status_code == 200
    assert viewer.post(f"{url}/start").status_code == 403


def test_another_workspaces_import_is_not_found(
    client: FlaskClient, database: Database, tmp_path: Path
) -> None:
    foreign = drop_file(database, make_workspace(database), tmp_path, PAGES.decode())

    for path in ("", "/start", "/undoing"):
        url = f"/imports/{foreign}{path}"
        answer = client.post(url) if path else client.get(url)
        assert answer.status_code == 404
