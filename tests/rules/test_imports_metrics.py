from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pytest

from outreach.core.errors import Invalid
from outreach.imports.metric_files import MetricLayout, read_metrics, recognise_metrics, release_of

MAJESTIC = (
    "GlobalRank,TldRank,Domain,TLD,RefSubNets,RefIPs,IDN_Domain,IDN_TLD,PrevGlobalRank,"
    "PrevTldRank,PrevRefSubNets,PrevRefIPs\n"
    "1,1,a.test,test,501331,2221793,a.test,test,1,1,500101,2219952\n"
    "2,2,unknown.test,test,9,9,unknown.test,test,-1,-1,-1,-1\n"
    "broken row\n"
    "x,3,c.test,test,9,9,c.test,test,1,1,1,1\n"
    "4,3,B.test,test,0,9,b.test,test,1,1,1,1\n"
)
RANKS = (
    "#harmonicc_pos\t#harmonicc_val\t#pr_pos\t#pr_val\t#host_rev\t#n_hosts\n"
    "1\t2.97E7\t4\t0.0162\ttest.a\t2920\n"
    "2\t2.5E7\t3\t6.19E-6\ttest.b\n"
    "3\t2.4E7\t9\t0.1\ttest.a.www\t1\n"
    "bad\t2\t3\t4\ttest.c\t1\n"
    "5\t2\n"
)
KNOWN = frozenset({"a.test", "b.test", "c.test", "www.a.test"})


def write(folder: Path, name: str, text: str, *, packed: bool = False) -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    return path


def test_the_majestic_million_gives_rank_and_subnets_of_known_domains(tmp_path: Path) -> None:
    file = recognise_metrics(write(tmp_path, "majestic_million_2026-08-01.csv", MAJESTIC))
    assert (file.layout, file.on) == (MetricLayout.MAJESTIC_MILLION, date(2026, 8, 1))
    assert [tuple(found) for found in read_metrics(file, KNOWN)] == [
        ("a.test", {("majestic", "rank"): 1.0, ("majestic", "ref_subnets"): 501331.0}),
        ("b.test", {("majestic", "rank"): 4.0}),
    ]


@pytest.mark.parametrize("packed", [False, True])
def test_common_crawl_ranks_are_read_packed_or_plain(tmp_path: Path, packed: bool) -> None:
    name = "cc-main-2026-apr-may-jun-domain-ranks.txt" + (".gz" if packed else "")
    file = recognise_metrics(write(tmp_path, name, RANKS, packed=packed))
    assert file.layout is MetricLayout.COMMON_CRAWL_RANKS
    assert (file.release, file.on) == ("cc-main-2026-apr-may-jun", date(2026, 6, 1))
    found = dict(read_metrics(file, KNOWN))
    harmonic, pagerank = ("common_crawl", "harmonic_rank"), ("common_crawl", "pagerank_rank")
    assert found == {
        "a.test": {harmonic: 1.0, pagerank: 4.0},
        "b.test": {harmonic: 2.0, pagerank: 3.0},
    }


def test_a_tranco_list_gives_the_ranks_of_known_domains(tmp_path: Path) -> None:
    text = "1,unknown.test\r\n2,a.test\r\nbroken\r\nx,b.test\r\n9,B.test\r\n"
    file = recognise_metrics(write(tmp_path, "tranco_2026-08-01.csv", text))
    assert (file.layout, file.release) == (MetricLayout.TRANCO, "2026-08-01")
    rank = ("tranco", "rank")
    assert dict(read_metrics(file, KNOWN)) == {"a.test": {rank: 2.0}, "b.test": {rank: 9.0}}


@pytest.mark.parametrize(
    ("name", "release", "on"),
    [
        ("cc-main-2026-apr-may-jun-domain-ranks.txt.gz", "cc-main-2026-apr-may-jun", (2026, 6, 1)),
        (
            "cc-main-2025-26-nov-dec-jan-domain-ranks.txt",
            "cc-main-2025-26-nov-dec-jan",
            (2026, 1, 1),
        ),
        ("majestic_million_20260801.csv", "2026-08-01", (2026, 8, 1)),
        ("majestic_million.csv", "", None),
        ("list-2026-13-41.csv", "", None),
        ("cc-main-2026-foo-domain-ranks.txt", "", None),
    ],
)
def test_the_name_of_a_list_tells_its_release(
    name: str, release: str, on: tuple[int, int, int] | None
) -> None:
    assert release_of(name) == (release, date(*on) if on else None)


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "is empty"), ("URL,Title\n", "begins with “url,title”"), ("#pr\n", "neither")],
)
def test_other_files_are_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        recognise_metrics(write(tmp_path, "list.csv", text))
    with pytest.raises(Invalid, match="no file"):
        recognise_metrics(tmp_path / "gone.csv")


def test_a_download_cut_off_is_told(tmp_path: Path) -> None:
    rows = "".join(f"{at}\t1\t{at}\t1\ttest.d{at}\t1\n" for at in range(1, 90_000))
    whole = gzip.compress((RANKS + rows).encode())
    path = tmp_path / "cut.gz"
    path.write_bytes(whole[: len(whole) // 2])
    file = recognise_metrics(path)
    with pytest.raises(Invalid, match="cut off"):
        list(read_metrics(file, KNOWN))
    path.write_bytes(whole[:50_000] + bytes(90) + whole[50_090:])
    with pytest.raises(Invalid, match="damaged"):
        list(read_metrics(file, KNOWN))
    path.write_bytes(whole[:12])
    with pytest.raises(Invalid, match="cut off"):
        recognise_metrics(path)
