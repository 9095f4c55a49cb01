"""The import pages: drop, look, import, undo."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from flask import Flask
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
from tests.factories_imports import NOW, clock_from, drop_file, import_text, tools_in

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
    assert "“nonsense here” is not a web address." in page
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


def test_what_a_file_changes_is_shown_before_and_after(
    client: FlaskClient, database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, PAGES.decode())

    page = client.get(upload(client, PAGES.replace(b"Soil guide", b"All about soil"))).text

    assert "It changes 1 row of what is known and sets 1 row aside to be mended." in page
    assert "title: “Soil guide” → “All about soil”" in page


def test_the_same_file_again_says_who_imported_it_and_when(
    client: FlaskClient, database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, PAGES.decode(), name="first.csv")

    page = client.get(upload(client, PAGES)).text

    assert "These very bytes were imported before" in page
    assert "21 Nov 2026, 09:00, as “first.csv”" in page


def test_who_must_never_be_written_to_is_named_before_the_import(
    client: FlaskClient, database: Database, scope: Scope, tmp_path: Path
) -> None:
    quiet = "Email,Reason\nann@paper.example.org,asked us\n"
    import_text(database, scope, tmp_path, quiet)
    people = b"Name,Email,Outlet\nAnn,ann@paper.example.org,Paper\nBo,bo@news.example.net,News\n"

    page = client.get(upload(client, people, "people.csv")).text

    assert "It adds 2 new people" in page
    assert "1 of them was written to lately or must never be: 1 never" in page
    assert "ann@paper.example.org" in page


def test_ranks_are_previewed_by_the_sites_known_here(
    client: FlaskClient, database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, PAGES.decode())
    header = b"GlobalRank,TldRank,Domain,TLD,RefSubNets,RefIPs\n"
    ranks = header + b"7,1,example.org,org,9,9\n8,2,a.com,com,9,9\n"

    page = client.get(upload(client, ranks, "majestic_2026-11-01.csv")).text

    assert "It gives figures to 1 site known here and leaves 1 row of other sites out." in page


def test_several_files_become_several_imports_and_a_broken_one_is_said(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    files = [
        (BytesIO(PAGES), "one.csv"),
        (BytesIO(b"GIF89a"), "logo.csv"),
        (BytesIO(b"URL\nhttps://a.example.net/\n"), "two.csv"),
    ]
    answer = client.post("/imports/", data={"file": files, "kind": ""})

    assert answer.headers["Location"] == "/imports/"
    page = client.get("/imports/").text
    assert "“logo.csv” is a GIF image." in page
    assert "2 files are here" in page
    with database.reading(scope) as session:
        assert set(session.exec(select(ImportFile.filename)).all()) == {"one.csv", "two.csv"}


def test_a_pasted_list_is_previewed(client: FlaskClient) -> None:
    answer = client.post("/imports/", data={"text": "a.example.org b.example.net", "kind": ""})

    assert "adds 2 new prospects" in client.get(answer.headers["Location"]).text


def test_a_pasted_list_may_be_longer_than_other_fields(client: FlaskClient) -> None:
    text = "\n".join(f"https://www.example.org/{'a' * 1_100}/{number}" for number in range(1_000))
    assert len(text) > 1024**2

    # Written out here: Werkzeug's client keeps a long form in a file that it leaves open.
    body = f'--edge\r\nContent-Disposition: form-data; name="text"\r\n\r\n{text}\r\n--edge--\r\n'
    kind = "multipart/form-data; boundary=edge"
    answer = client.post("/imports/", data=body.encode(), content_type=kind)

    assert answer.status_code == 303
    assert "adds 1 new prospect and 999 pages" in client.get(answer.headers["Location"]).text


def test_a_script_gets_the_address_or_the_problem_as_json(client: FlaskClient) -> None:
    accept = {"Accept": "application/json"}
    good, bad = (BytesIO(PAGES), "a.csv"), (BytesIO(b""), "b.csv")

    taken = client.post("/imports/", data={"file": good}, headers=accept)
    refused = client.post("/imports/", data={"file": bad}, headers=accept)

    assert taken.json == {"location": "/imports/1"}
    assert (refused.status_code, refused.json) == (422, {"problem": "“b.csv” is empty."})


def test_a_file_over_the_limit_gets_its_sentence_and_the_form_again(
    app: Flask, client: FlaskClient, database: Database, scope: Scope
) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1_000
    answer = client.post("/imports/", data={"file": (BytesIO(PAGES * 100), "a.csv")})

    assert answer.status_code == 422
    assert "This is too large" in answer.text
    assert "Drop files anywhere" in answer.text
    with database.reading(scope) as session:
        assert session.exec(select(ImportFile)).all() == []


def test_a_refused_copy_leaves_the_bytes_that_an_import_needs(
    client: FlaskClient, tmp_path: Path
) -> None:
    url = upload(client, b"quiet.example.net\n", "list.txt", kind="suppression")
    again = {"file": (BytesIO(b"quiet.example.net\n"), "list.txt"), "kind": "partner"}

    assert client.post("/imports/", data=again).status_code in {303, 422}

    assert client.get(url).status_code == 200
    client.post(f"{url}/deletion")
    assert client.get(url).status_code == 404


def test_a_file_that_is_left_leaves_nothing(
    client: FlaskClient, database: Database, scope: Scope, tmp_path: Path
) -> None:
    url = upload(client, PAGES)

    assert client.post(f"{url}/deletion").status_code == 303

    assert [path for path in (tmp_path / "imports").rglob("*") if path.is_file()] == []
    with database.reading(scope) as session:
        assert session.exec(select(ImportFile)).all() == []


def test_an_import_under_way_tells_how_far_it_is_and_can_be_stopped_and_continued(
    client: FlaskClient, database: Database, scope: Scope, tmp_path: Path
) -> None:
    url = upload(client, PAGES)
    client.post(f"{url}/start")
    waiting = client.get(f"{url}/progress")

    assert "HX-Refresh" not in waiting.headers
    assert "Waiting for a worker." in waiting.text
    assert client.post(f"{url}/deletion").status_code == 409
    assert client.post(f"{url}/cancellation").status_code == 303
    assert client.get(f"{url}/progress").headers["HX-Refresh"] == "true"
    stopped = client.get(url).text
    assert "Stopped by a person after 0 rows" in stopped
    assert "Go on with it" in stopped
    assert client.post(f"{url}/cancellation").status_code == 409

    client.post(f"{url}/start")
    run_import(database, scope, waiting_job(database, scope), tools_in(tmp_path))
    assert "Review the 1 new prospect, best first" in client.get(url).text


def test_undoing_says_first_what_stays_because_somebody_worked_on_it(
    client: FlaskClient, database: Database, scope: Scope, tmp_path: Path
) -> None:
    two = "URL\nhttps://soil.example.org/\nhttps://heap.example.net/\n"
    file_id = import_text(database, scope, tmp_path, two).key
    with database.writing(scope) as session:
        session.exec(select(Prospect).where(Prospect.domain == "example.org")).one().notes = "ours"

    page = client.get(f"/imports/{file_id}/undoing").text

    assert "removes the 2 new prospects it added" in page
    assert "1 prospect stays, because somebody has worked on it since: example.org." in page


def test_an_import_is_looked_at_again_as_a_new_one(
    client: FlaskClient, database: Database, scope: Scope, tmp_path: Path
) -> None:
    file_id = import_text(database, scope, tmp_path, PAGES.decode()).key

    answer = client.post(f"/imports/{file_id}/again")

    assert answer.headers["Location"] == f"/imports/{file_id + 1}"
    assert "leaves 1 row as they are known" in client.get(answer.headers["Location"]).text


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
