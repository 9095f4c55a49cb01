"""Read a country: a code or a name becomes an ISO 3166 code."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files

# Other names than those of the time-zone database's table, which is the source of the rest.
_OTHER_NAMES = {
    "america": "US", "bolivia plurinational state of": "BO", "bosnia and herzegovina": "BA",
    "brasil": "BR", "brunei darussalam": "BN", "cape verde": "CV", "czechia": "CZ",
    "deutschland": "DE", "england": "GB", "españa": "ES", "espana": "ES",
    "great britain": "GB", "holland": "NL", "iran islamic republic of": "IR", "italia": "IT",
    "ivory coast": "CI", "korea": "KR", "macedonia": "MK", "myanmar": "MM",
    "northern ireland": "GB", "republic of ireland": "IE", "republic of korea": "KR",
    "russian federation": "RU", "schweiz": "CH", "scotland": "GB", "south korea": "KR",
    "swaziland": "SZ", "the netherlands": "NL", "turkiye": "TR", "türkiye": "TR",
    "u k": "GB", "u s": "US", "u s a": "US", "uae": "AE", "uk": "GB", "united kingdom": "GB",
    "united states of america": "US", "usa": "US", "viet nam": "VN", "wales": "GB",
    "österreich": "AT",
}  # fmt: skip


@lru_cache(maxsize=4_096)
def country(cell: str) -> str:
    """Return a country's two letters, "" for no country we know."""
    name = _plain(cell)
    if not name:
        return ""
    names = _names()
    if len(name) == 2 and name.upper() in names.values():
        return name.upper()
    return _OTHER_NAMES.get(name) or names.get(name, "")


@cache
def _names() -> dict[str, str]:
    table = files("tzdata").joinpath("zoneinfo/iso3166.tab").read_text("utf-8")
    lines = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    found: dict[str, str] = {}
    for code, name in lines:
        found[_plain(name)] = code
        found.setdefault(_plain(name.partition("(")[0]), code)
    return found


def _plain(name: str) -> str:
    kept = "".join(letter if letter.isalnum() else " " for letter in name.casefold())
    return " ".join(kept.replace(" and ", " ").split())
