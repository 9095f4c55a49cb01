"""Open lists: only known sites are kept, and a list's length makes absence count."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import select

from outreach.core.db import Database, Scope
from outreach.core.errors import Invalid
from outreach.prospects.models import Prospect
from outreach.sites.models import MetricList, Site, SiteMetric
from outreach.workflows.import_metrics import import_metrics
from tests.factories_imports import clock_from, import_text, score

SITES = "Domain\nexample.org\nexample.net\n"
HEADER = "GlobalRank,TldRank,Domain,TLD,RefSubNets,RefIPs\n"
CRAWL = (
    "#harmonicc_pos\t#harmonicc_val\t#pr_pos\t#pr_val\t#host_rev\t#n_hosts\n"
    "7\t2.9E7\t9\t0.01\torg.example\t2\n8\t2.8E7\t10\t0.01\tcom.other\t2\n"
)


def test_only_known_sites_are_kept(database: Database, scope: Scope, tmp_path: Path) -> None:
    import_text(database, scope, tmp_path, SITES)
    path = tmp_path / "cc-main-2026-apr-may-jun-domain-ranks.txt.gz"
    path.write_bytes(gzip.compress(CRAWL.encode()))

    done = import_metrics(database, path, clock_from())

    assert (done.length, done.known_count, done.changed_count) == (2, 1, 2)
    assert done.measured_on == date(2026, 6, 1)
    with database.system() as session:
        rows = session.exec(
            select(Site.domain, SiteMetric.source, SiteMetric.value).join(SiteMetric)
        ).all()
        assert sorted(rows) == [
            ("example.org", "common_crawl_harmonic_rank", 7.0),
            ("example.org", "common_crawl_pagerank_rank", 9.0),
        ]
        lists = {row.source: row for row in session.exec(select(MetricList))}
        assert lists["common_crawl_pagerank_rank"].length == 2
        assert lists["common_crawl_pagerank_rank"].release == "cc-main-2026-apr-may-jun"


def test_the_same_list_again_changes_nothing(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, SITES)
    path = tmp_path / "majestic_2026-11-01.csv"
    path.write_text(HEADER + "5,1,example.org,org,100,200\n")
    import_metrics(database, path, clock_from())

    assert import_metrics(database, path, clock_from()).changed_count == 0


def test_absence_from_a_long_list_counts_and_from_a_short_one_does_not(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, SITES)
    short = tmp_path / "majestic_2026-11-01.csv"
    short.write_text(HEADER + "5,1,example.org,org,100,200\n")
    import_metrics(database, short, clock_from())
    score(database, scope)
    with database.reading(scope) as session:
        rows = {row.domain: row for row in session.exec(select(Prospect))}
        assert rows["example.org"].is_authority_known
        assert not rows["example.net"].is_authority_known

    long = tmp_path / "majestic_2026-11-02.csv"
    lines = "".join(f"{n},{n},d{n}.example,example,9,9\n" for n in range(6, 200_000))
    long.write_text(HEADER + "5,1,example.org,org,100,200\n" + lines)
    import_metrics(database, long, clock_from())
    score(database, scope)

    with database.reading(scope) as session:
        rows = {row.domain: row for row in session.exec(select(Prospect))}
        absent = rows["example.net"]
        assert absent.is_authority_known
        assert absent.authority is not None
        assert absent.authority < 25


def test_a_damaged_list_changes_nothing(database: Database, scope: Scope, tmp_path: Path) -> None:
    import_text(database, scope, tmp_path, SITES)
    path = tmp_path / "cc-main-2026-apr-may-jun-domain-ranks.txt.gz"
    path.write_bytes(gzip.compress((CRAWL * 500).encode())[:-40])

    with pytest.raises(Invalid, match="damaged"):
        import_metrics(database, path, clock_from())

    with database.system() as session:
        assert session.exec(select(SiteMetric)).all() == []
        assert session.exec(select(MetricList)).all() == []
