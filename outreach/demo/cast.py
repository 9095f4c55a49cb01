"""Who plays: our own page, the publishers and how each of them answers, and their files."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from enum import StrEnum

OUR_SITE = "almanac.test"
OUR_PATH = "/soil-atlas"
OUR_ADDRESS = f"robin@{OUR_SITE}"
STRANGER = "wilma@inkandthread.test"
COLLEAGUE = "Mina Okoye <mina@greenletters.test>"  # who answers for the unwilling


class Temper(StrEnum):
    """How a publisher answers a pitch."""

    YES = "yes"
    NO = "no"
    AWAY = "away"  # out of office
    UNKNOWN = "unknown"  # the address bounces
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Publisher:
    """A site with one page worth asking, and the person behind it."""

    site: str
    path: str
    title: str
    words: str
    name: str
    temper: Temper
    rating: int

    @property
    def address(self) -> str:
        """Where the person is written to, as the page shows it."""
        return f"{self.name.split()[0].lower()}@{self.site}"


REHEARSAL = Publisher(
    "mulchdiary.test", "/reading", "What I read about mulch",
    "Books and maps about soil, mulch and compost, read in a small garden.",
    "Hugo Lamb", Temper.SILENT, 22,
)  # fmt: skip
WILLING = Publisher(
    "gardenpost.test", "/soil-links", "Soil maps, compost guides and other garden links",
    "Our list of soil maps, soil tests and compost guides for gardeners.",
    "Nora Lind", Temper.YES, 51,
)  # fmt: skip
UNWILLING = Publisher(
    "greenletters.test", "/resources/soil", "Resources about soil",
    "Letters, maps and handbooks about soil and gardens, chosen by the editors.",
    "Paul Adeyemi", Temper.NO, 44,
)  # fmt: skip
AWAY = Publisher(
    "soilnotes.test", "/atlases", "Atlases of soil",
    "Every soil atlas we know, with a note on how each map was made.",
    "Ines Roth", Temper.AWAY, 38,
)  # fmt: skip
GONE = Publisher(
    "deadletter.test", "/garden/links", "Garden links",
    "Links on gardens, soil and compost, last revised in spring.",
    "Otto Frey", Temper.UNKNOWN, 27,
)  # fmt: skip
QUIET = Publisher(
    "quietbeds.test", "/guides/soil", "Guides to soil",
    "Guides, maps and tables about garden soil and what grows in it.",
    "Maya Cole", Temper.SILENT, 41,
)  # fmt: skip
TOUCHED = Publisher(
    "twiceasked.test", "/links", "Links for growers",
    "Soil maps, seed lists and weather tables for growers.",
    "Ben Ortiz", Temper.SILENT, 35,
)  # fmt: skip
SUPPRESSED = Publisher(
    "nothanks.test", "/soil", "Pages on soil",
    "Pages on soil and gardens, looked after by volunteers.",
    "Lea Winter", Temper.SILENT, 30,
)  # fmt: skip
CAST = (REHEARSAL, WILLING, UNWILLING, AWAY, GONE, QUIET, TOUCHED, SUPPRESSED)

# Sites of the vendor's file that nobody is written to: (site, title, domain rating).
EXTRAS = (
    ("compostclub.test", "Compost for beginners", 33),
    ("wormfarm.test", "Worms and what they do for soil", 29),
    ("rootcellar.test", "Storing roots over the winter", 40),
    ("seedshelf.test", "A shelf of seeds", 46),
    ("rainbarrel.test", "Collecting rain for the garden", 25),
    ("claypots.test", "Clay pots and how they breathe", 31),
    ("orchardlog.test", "Log of an old orchard", 36),
    ("beefriend.test", "Plants for bees", 48),
    ("casinopalace.test", "Slots, roulette, poker and bonus codes for players", 12),
    ("loansnow.test", "Loans without questions", 9),
    ("phonecases.test", "Phone cases on sale", 18),
    ("citynews.test", "News of the city", 66),
    ("trailrunner.test", "Running on trails", 42),
    ("boardgames.test", "Board games for long evenings", 39),
    ("knitted.test", "Knitted things", 34),
    ("breadlab.test", "A laboratory for bread", 43),
    ("lakeside.test", "Life at the lake", 28),
    ("mapcorner.test", "Corner for map lovers", 47),
    ("weatherbook.test", "A book of weather", 45),
    ("fieldschool.test", "Lessons in the field", 50),
)

_COLUMNS = (
    "Referring page title", "Referring page URL", "Language", "Platform",
    "Referring page HTTP code", "Domain rating", "UR", "Domain traffic", "Referring domains",
    "Linked domains", "External links", "Page traffic", "Keywords", "Target URL", "Left context",
    "Anchor", "Right context", "Type", "Content", "Nofollow", "UGC", "Sponsored", "First seen",
    "Last seen", "Lost",
)  # fmt: skip
_MAJESTIC = (
    "GlobalRank", "TldRank", "Domain", "TLD", "RefSubNets", "RefIPs", "IDN_Domain", "IDN_TLD",
    "PrevGlobalRank", "PrevTldRank", "PrevRefSubNets", "PrevRefIPs",
)  # fmt: skip


def page_url(site: str, path: str, port: int) -> str:
    """Return the address of a page of the demo's web."""
    return f"http://{site}:{port}{path}"


def backlinks_export(port: int) -> bytes:
    """Write a competitor's backlinks as Ahrefs exports them: UTF-16 with tabs, all quoted."""
    rows = [
        (page_url(who.site, who.path, port), who.title, who.rating, number)
        for number, who in enumerate(CAST)
    ]
    rows += [
        (page_url(site, "/", port), title, rating, number)
        for number, (site, title, rating) in enumerate(EXTRAS)
    ]
    lines: list[tuple[str, ...]] = [_COLUMNS]
    for url, title, rating, number in rows:
        lines.append(
            (
                title, url, "en", "wordpress", "200", str(rating), "12", str(rating * 40),
                "8", "31", "24", "15", "4", "https://rivalatlas.test/soil", "We like the ",
                "soil atlas", " by our neighbours.", "text", "true", "false", "false", "false",
                f"2026-0{1 + number % 8}-11 07:30:00", "2026-11-02 06:10:00", "",
            )
        )  # fmt: skip
    return _table(lines, is_quoted=True, delimiter="\t").encode("utf-16")


def ranks_list() -> bytes:
    """Write a list of ranks in the columns of the Majestic Million."""
    names = [(who.site, who.rating) for who in CAST] + [(site, dr) for site, _, dr in EXTRAS]
    rows: list[tuple[str, ...]] = [_MAJESTIC]
    for site, rating in names:
        rank = round(1_000_000 / 1.12**rating)
        subnets = round(9_000_000 / rank)
        rows.append(
            (
                str(rank), str(rank), site, "test", str(subnets), str(subnets * 2), site, "test",
                str(rank + 11), str(rank + 11), str(subnets), str(subnets * 2),
            )
        )  # fmt: skip
    return _table(rows).encode()


def own_pages_export() -> bytes:
    """Write a file nobody should import: Search Console's list of one's own pages."""
    return b"Target page,Incoming links,Linking sites\nhttps://almanac.test/soil-atlas,12,7\n"


def suppression_list() -> bytes:
    """Write the list a team brings with it: whom never to write to."""
    return f"Domain,Reason\n{SUPPRESSED.site},Asked us to stop in March\n".encode()


def past_contacts(on: str) -> bytes:
    """Write another team's history: one site, written to on a day."""
    return f"Email,Contacted on,Outcome\n{TOUCHED.address},{on},replied\n".encode()


def _table(rows: list[tuple[str, ...]], *, is_quoted: bool = False, delimiter: str = ",") -> str:
    out = io.StringIO()
    if is_quoted:
        writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    else:
        writer = csv.writer(out, delimiter=delimiter)
    writer.writerows(rows)
    return out.getvalue()
