"""The first half: our page, a competitor's backlinks, ranks, scores, review, addresses."""

from __future__ import annotations

import io
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from outreach.accounts.services import WEB_ACCESS, create_user, create_workspace, set_switch
from outreach.activity.services import claim_job
from outreach.adapters import migrations
from outreach.assets.properties import add_property
from outreach.assets.queries import get_asset
from outreach.assets.rules import AssetDraft
from outreach.assets.services import add_asset
from outreach.assets.words import AssetKind
from outreach.contacts.queries import offers_of_site
from outreach.core.db import Scope
from outreach.core.errors import Invalid, Unavailable
from outreach.core.passwords import hash_password
from outreach.core.tokens import new_token
from outreach.demo.cast import (
    CAST,
    EXTRAS,
    OUR_ADDRESS,
    OUR_PATH,
    OUR_SITE,
    SUPPRESSED,
    WILLING,
    backlinks_export,
    own_pages_export,
    page_url,
    past_contacts,
    ranks_list,
    suppression_list,
)
from outreach.demo.stage import Missed, Stage, expect
from outreach.imports.queries import get_import_file
from outreach.imports.words import Verdict
from outreach.prospects.queries import find_prospect, pages_of
from outreach.prospects.rules import Decision
from outreach.prospects.words import Review, TextBasis
from outreach.scoring.queries import cards_of_prospect
from outreach.workflows.import_file import (
    ImportTools,
    begin_import,
    counts_in_words,
    keep_and_recognise,
    run_import,
)
from outreach.workflows.import_metrics import import_metrics
from outreach.workflows.import_preview import preview_import
from outreach.workflows.keep_contacts import accept_offer
from outreach.workflows.read_pages import read_pages, request_reading
from outreach.workflows.review_prospects import decide, decide_many
from outreach.workflows.score_prospects import request_scoring, score_prospects
from outreach.workflows.undo_import import begin_undo, run_undo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_SITES = len(CAST) + len(EXTRAS)


def open_doors(stage: Stage) -> str:
    """Create the database, the owner, two workspaces, and our page as an asset."""
    migrations.upgrade(stage.settings.database)
    stage.email, stage.password = OUR_ADDRESS, new_token()[:16]
    hashed = hash_password(stage.password)
    with stage.database.system() as session:
        owner = create_user(
            session, email=stage.email, name="Robin Hale", password_hash=hashed, is_operator=True
        )
        ours = create_workspace(session, "The Almanac", owner=owner)
        ours.country, ours.postal_address = "GB", "The Almanac, 4 Mill Lane, Fernhill"
        theirs = create_workspace(session, "The other team", owner=owner)
        stage.scope = Scope(ours.key, owner.key)
        stage.other_team = Scope(theirs.key, owner.key)
    with stage.database.writing(stage.scope) as session:
        add_property(session, OUR_SITE, brand_aliases=["The Almanac"], now=stage.now)
        draft = AssetDraft(
            page_url(OUR_SITE, OUR_PATH, stage.web.port),
            "The Soil Atlas",
            kind=AssetKind.VISUAL,
            summary="Maps of forty garden soils: layers, drainage, compost and what grows in each.",
            topics=("soil", "gardening"),
            keywords=("soil map", "soil", "compost", "garden"),
            hook="It is the only atlas that shows forty soils layer by layer.",
            suggested_anchors=("soil atlas", "maps of garden soils"),
        )
        stage.ids["asset"] = add_asset(session, draft, now=stage.now).key
    return f"The database is at revision {migrations.head_revision()}; our page is an asset."


def read_our_page(stage: Stage) -> str:
    """Web access is off at first; switched on, our own page is read."""
    with _refused(Unavailable, "web access is off"):
        _read(stage, asset_ids=[stage.ids["asset"]])
    expect(not stage.web.asked, "nothing was fetched while web access was off")
    with stage.database.system() as session:
        set_switch(session, WEB_ACCESS, on=True)
    _read(stage, asset_ids=[stage.ids["asset"]])
    with stage.database.reading(stage.scope) as session:
        asset = get_asset(session, stage.ids["asset"])
    expect("forty soils" in asset.page_text, "the asset has the words of its page")
    expect(asset.language == "en", "the page's language is known")
    return f"Web access was off, so nothing left; then {len(asset.page_text)} characters were read."


def import_backlinks(stage: Stage) -> str:
    """Import a competitor's backlinks; the same file again changes nothing."""
    data = backlinks_export(stage.web.port)
    counts = _import(stage, data, "rival-backlinks.tsv", stage.scope)
    expect(counts == {Verdict.ADDED.value: _SITES}, f"{_SITES} new prospects, not {counts}")
    again = _import(stage, data, "rival-backlinks.tsv", stage.scope)
    expect(again == {Verdict.KNOWN.value: _SITES}, f"the same file changes nothing, not {again}")
    stage.note("Prospects imported", _SITES)
    return f"A UTF-16 export of Ahrefs was recognised: {counts_in_words(counts)}; again: no change."


def take_back(stage: Stage) -> str:
    """Import the wrong list, and take it back: what was there before is there again."""
    names = [f"wrong-{number}.test" for number in range(1, 6)]
    wrong = "\n".join([*names, WILLING.site]).encode()
    import_file_id, counts = _import_file(stage, wrong, "wrong-list.txt", stage.scope)
    expect(counts.get(Verdict.ADDED.value) == len(names), f"five are new, not {counts}")
    with stage.database.writing(stage.scope) as session:
        job_id = begin_undo(session, import_file_id).key
        claim_job(session, job_id, now=stage.now)
    run_undo(stage.database, stage.scope, job_id, stage.clock)
    with stage.database.reading(stage.scope) as session:
        left = [name for name in names if find_prospect(session, name)]
        stage.prospect(session, WILLING)
    expect(not left, f"the five are gone again, not {left}")
    return f"A wrong list brought {len(names)} sites; undone, they are gone and nothing else is."


def refuse_broken_files(stage: Stage) -> str:
    """Give broken files one clear sentence each, and change nothing."""
    whole = backlinks_export(stage.web.port)
    said = []
    for name, data in (
        ("cut-short.tsv", whole[:-1001]),
        ("own-pages.csv", own_pages_export()),
        ("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20),
        ("empty.csv", b""),
    ):
        with _refused(Invalid, f"{name} is refused") as refusal:
            _import(stage, data, name, stage.scope)
        said.append(str(refusal[0]))
    expect(all(sentence.endswith(".") for sentence in said), "each refusal is a sentence")
    return f"Four broken files were refused, the first with: {said[0]}"


def bring_history(stage: Stage) -> str:
    """Bring a suppression list, and another team's history."""
    _import(stage, suppression_list(), "never-write.csv", stage.scope)
    day = f"{stage.now - timedelta(days=13):%Y-%m-%d}"
    _import(stage, past_contacts(day), "sent-by-hand.csv", stage.other_team)
    return f"{SUPPRESSED.site} is never written to; another team wrote to a site 12 days ago."


def import_ranks(stage: Stage) -> str:
    """Import a list of ranks as metrics."""
    path = stage.settings.data_dir / "majestic_million_demo.csv"
    path.write_bytes(ranks_list())
    done = import_metrics(stage.database, path, stage.clock)
    path.unlink()
    expect(done.known_count == _SITES, f"{_SITES} sites have ranks, not {done.known_count}")
    stage.note("Sites with ranks", done.known_count)
    return f"{done.title}: {done.known_count} of {done.length} domains are ours to rank."


def score_them(stage: Stage) -> str:
    """Score every prospect against our page, each part with its source."""
    _score(stage)
    with stage.database.reading(stage.scope) as session:
        willing = stage.prospect(session, WILLING)
        casino, unknown = (
            find_prospect(session, "casinopalace.test"),
            find_prospect(session, "knitted.test"),
        )
        card = cards_of_prospect(session, willing.key)[0]
    assert casino is not None
    assert unknown is not None
    high, low = willing.score, casino.score
    expect(high is not None and low is not None, "titles long enough are scored")
    expect((high or 0) > (low or 0) + 20, f"soil links beat slot machines, not {high} to {low}")
    expect(unknown.score is None, "two words tell too little: the score is unknown, not zero")
    expect({"relevance", "authority", "total"} <= set(card.parts), "a score shows its parts")
    return f"{WILLING.site} scores {high}, casinopalace.test {low}; knitted.test is unknown."


def review_them(stage: Stage) -> str:
    """Approve the good ones, reject one with its reason."""
    with stage.database.writing(stage.scope) as session:
        ids = [stage.prospect(session, who).key for who in CAST]
        approved = decide_many(session, ids, Decision(Review.APPROVED), now=stage.now)
        casino = find_prospect(session, "casinopalace.test")
        assert casino is not None
        with _refused(Invalid, "a rejection needs its reason"):
            decide(session, casino.key, Decision(Review.REJECTED), now=stage.now)
        decide(session, casino.key, Decision(Review.REJECTED, "Gambling."), now=stage.now)
    expect(len(approved) == len(CAST), "all who play are approved")
    return f"{len(approved)} prospects approved, one rejected: “Gambling.”"


def read_their_pages(stage: Stage) -> str:
    """Read the approved pages, accept the addresses they show, and score by their own words."""
    with stage.database.reading(stage.scope) as session:
        ids = [stage.prospect(session, who).key for who in CAST]
    _read(stage, prospect_ids=ids)
    for who in CAST:
        with stage.database.reading(stage.scope) as session:
            prospect = stage.prospect(session, who)
            page = pages_of(session, prospect.key)[0]
            offers = list(offers_of_site(session, prospect.site_id))
        expect(page.text_basis is TextBasis.READ, f"the page of {who.site} was read")
        expect([each.address for each in offers] == [who.address], f"{who.address} is offered")
        accept_offer(
            stage.database, stage.scope, offers[0].key, name=who.name, key=stage.key, now=stage.now
        )
    _score(stage)
    looks = [path for _, path, agent in stage.web.asked if "OutreachBot" in agent]
    expect(looks.count("/robots.txt") == len(CAST) + 1, "robots.txt was asked of each host, once")
    stage.note("Pages read over HTTP", len(CAST) + 1)
    return f"{len(CAST)} pages were read; each showed an address, and each was accepted by hand."


def _import(stage: Stage, data: bytes, name: str, scope: Scope) -> dict[str, int]:
    return _import_file(stage, data, name, scope)[1]


def _import_file(stage: Stage, data: bytes, name: str, scope: Scope) -> tuple[int, dict[str, int]]:
    """Import a file as a person would: drop it, look at the preview, confirm."""
    tools = ImportTools(data_dir=stage.settings.data_dir, key=stage.key, clock=stage.clock)
    import_file_id = keep_and_recognise(
        stage.database, scope, io.BytesIO(data), name, data_dir=stage.settings.data_dir
    )
    preview = preview_import(stage.database, scope, import_file_id, tools)
    with stage.database.writing(scope) as session:
        job_id = begin_import(session, import_file_id, now=stage.now).key
        claim_job(session, job_id, now=stage.now)
    run_import(stage.database, scope, job_id, tools)
    with stage.database.reading(scope) as session:
        counts = get_import_file(session, import_file_id).counts
    expect(dict(preview.counts) == counts, f"{name} did what its preview said")
    return import_file_id, counts


def _read(stage: Stage, asset_ids: Sequence[int] = (), prospect_ids: Sequence[int] = ()) -> None:
    with stage.database.writing(stage.scope) as session:
        job_id = request_reading(session, asset_ids=asset_ids, prospect_ids=prospect_ids).key
        claim_job(session, job_id, now=stage.now)
    done = read_pages(stage.database, stage.fetcher, stage.scope, job_id, now=stage.now)
    expect(done and done.read_count == done.total_count, "every page could be read")


def _score(stage: Stage) -> None:
    with stage.database.writing(stage.scope) as session:
        job_id = request_scoring(session).key
        claim_job(session, job_id, now=stage.now)
    expect(score_prospects(stage.database, stage.scope, job_id, stage.clock), "scoring ended")


@contextmanager
def _refused(kind: type[Exception], said: str) -> Iterator[list[Exception]]:
    """Expect a refusal; what it said is in the list afterwards."""
    found: list[Exception] = []
    try:
        yield found
    except kind as problem:
        found.append(problem)
    if not found:
        raise Missed(said)


SCENES: tuple[tuple[str, Callable[[Stage], str]], ...] = (
    ("An empty installation", open_doors),
    ("Our own page, read from the web", read_our_page),
    ("A competitor's backlinks", import_backlinks),
    ("An import taken back", take_back),
    ("Files that are broken", refuse_broken_files),
    ("Whom not to write to", bring_history),
    ("Ranks from an open list", import_ranks),
    ("Scores with their reasons", score_them),
    ("The review", review_them),
    ("Their pages and addresses", read_their_pages),
)
