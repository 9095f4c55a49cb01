"""The prospects list's filter as its address says it, with what removes each part."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import request

from outreach.desk.prospect_filter import ProspectFilter
from outreach.desk.prospect_words import parts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from outreach.desk.prospect_words import Names


@dataclass(frozen=True, slots=True)
class Chip:
    """One part of the filter in words, and the list without it."""

    text: str
    remove_url: str


def filter_asked_for() -> ProspectFilter:
    """Read the filter out of the address; what makes no sense is left out."""
    return ProspectFilter.from_arguments(arguments_given())


def arguments_given() -> dict[str, str]:
    """Return the parts of the address; of one given several times, all values."""
    return {
        name: ",".join(dict.fromkeys(value for value in values if value))
        for name, values in request.args.lists()
    }


def query_of(arguments: Mapping[str, str]) -> str:
    """Write parts of an address behind a question mark; nothing for none."""
    return f"?{urlencode(arguments)}" if arguments else ""


def list_url(wanted: ProspectFilter, **more: str) -> str:
    """Return the address of the list with a filter."""
    query = query_of({**wanted.to_arguments(), **more}) if more else _query_of_filter(wanted)
    return f"{request.script_root}/prospects/{query}"


@lru_cache(maxsize=2_048)
def _query_of_filter(wanted: ProspectFilter) -> str:
    return query_of(wanted.to_arguments())


def chips_of(wanted: ProspectFilter, names: Names) -> list[Chip]:
    """Say the filter part by part, each with the list without it."""
    return [
        Chip(part.text, list_url(wanted.without(*part.arguments)))
        for part in parts_of(wanted, names)
    ]
