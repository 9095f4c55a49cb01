"""The pages of prospects, review, imports and assets as people see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope
from outreach.prospects.rules import Decision
from outreach.prospects.words import Review
from outreach.workflows.import_metrics import import_metrics
from outreach.workflows.review_prospects import decide
from tests.browser.page_check import PageChecker
from tests.browser.served_app import served_app
from tests.factories_imports import KEY, clock_from, drop_file, import_text, make_asset, score

pytestmark = pytest.mark.browser

COLUMNS = (
    "Referring page title", "Referring page URL", "Domain rating", "Target URL", "Anchor",
    "Nofollow", "Sponsored",
)  # fmt: skip
ROWS = (
    ("Soil testing at home", "https://northwind-gardening.example/soil", 54, "soil kit", 1, 0),
    ("Compost for vegetable gardens, with clay", "https://northwind-gardening.example/compost",
     54, "compost guide", 0, 0),
    ("The worm farm diary of a city garden", "https://worms.meadow-journal.example/diary", 31,
     "rival", 0, 0),
    ("Racing engines explained by mechanics", "https://pistons.example/engines", 72, "here", 0, 1),
    ("", "https://bare.example/x", 12, "here", 0, 0),
    ("Broken row", "nonsense here", 5, "here", 0, 0),
)  # fmt: skip
EXPORT = "\n".join(
    "\t".join(map(str, cells))
    for cells in (
        COLUMNS,
        *(
            (title, url, rating, "https://rival.example/soil", anchor, nofollow, sponsored)
            for title, url, rating, anchor, nofollow, sponsored in ROWS
        ),
    )
)
RANKS = (
    "GlobalRank,TldRank,Domain,TLD,RefSubNets,RefIPs\n"
    "5210,1,northwind-gardening.example,example,9000,12000\n"
    "88012,2,pistons.example,example,800,900\n"
)


@dataclass
class Site:
    """The running app and a browser's way into it."""

    url: str
    cookies: list[dict[str, str]]


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served_app(sqlite_template, tmp_path_factory.mktemp("prospects"), key=KEY) as at:
        _tell_story(at.database, at.scope, at.folder)
        yield Site(at.url, at.cookies)


def _tell_story(database: Database, scope: Scope, folder: Path) -> None:
    """One import done, one waiting to be looked at, two assets, one decision."""
    import_text(database, scope, folder, EXPORT, name="rival_backlinks.csv")
    ranks = folder / "majestic_2026-11-01.csv"
    ranks.write_text(RANKS)
    import_metrics(database, ranks, clock_from())
    make_asset(database, scope)
    make_asset(
        database, scope, url="https://garden.example/engines", title="Engines of small tractors",
        summary="How engines and gearboxes of small tractors work.", keywords=("engines",),
    )  # fmt: skip
    score(database, scope)
    with database.writing(scope) as session:
        decide(session, 2, Decision(Review.APPROVED), now=utc_now())
    drop_file(database, scope, folder, EXPORT.replace("54", "57"), name="rival_newer.csv")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/prospects/", "prospects"),
        ("/prospects/?asset=1&min=10&q=e", "prospects-filtered"),
        ("/prospects/?q=nothing", "prospects-none"),
        ("/prospects/1", "prospect"),
        ("/prospects/4", "prospect-unknown"),
        ("/prospects/new", "prospect-new"),
        ("/prospects/1/edit", "prospect-edit"),
        ("/prospects/1/pages/1", "prospect-page"),
        ("/review/", "review"),
        ("/imports/", "imports"),
        ("/imports/1", "import"),
        ("/imports/2", "import-preview"),
        ("/assets/", "assets"),
        ("/assets/1", "asset"),
        ("/assets/1/edit", "asset-edit"),
    ],
)
def test_a_page_of_prospects_is_right_in_every_light_and_width(
    page_check: PageChecker, site: Site, path: str, name: str
) -> None:
    page_check(f"{site.url}{path}", name=name, cookies=site.cookies)
