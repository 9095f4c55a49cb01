"""The page of the contacts list: its rows, headings and the filter in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template, request

from outreach.accounts.rules import may
from outreach.contacts.list_pages import contact_page
from outreach.contacts.listing import ContactFilter
from outreach.contacts.queries import COUNTED, count_contacts
from outreach.core.clock import utc_now
from outreach.desk.collisions import guards_of_people
from outreach.tags.queries import all_tags
from outreach.web.context import reading, role
from outreach.web.filters_of_prospects import Chip, query_of
from outreach.web.prospect_table import Heading

if TYPE_CHECKING:
    from collections.abc import Iterator

_COLUMNS = (("Name", "name"), ("Address", ""), ("Kind", ""), ("Role or outlet", "outlet"),
            ("Site", ""), ("Mail", ""), ("Written to", "written"))  # fmt: skip
ORDERS = {"name": "by name", "outlet": "by outlet", "newest": "by when they were added",
          "written": "by when they were last written to"}  # fmt: skip


def render_contacts() -> str:
    """Draw the list as the address asks for it."""
    given = request.args
    wanted = ContactFilter.from_arguments(given)
    page = contact_page(
        reading(),
        wanted,
        cursor=given.get("before", "") or given.get("after", ""),
        is_backwards="before" in given,
    )
    people = [(row.person_key, row.domain or "") for row in page.rows]
    tags = all_tags(reading())
    return render_template(
        "contacts/index.html",
        page=page,
        wanted=wanted,
        kept=wanted.to_arguments(),
        query=query_of(wanted.to_arguments()),
        chips=chips_of(wanted, {tag.key: tag.name for tag in tags}),
        headings=[_heading(wanted, label, sort) for label, sort in _COLUMNS],
        newest_url=contacts_url(wanted.sorted_by("newest")) if wanted.sort != "newest" else "",
        order=ORDERS[wanted.sort],
        previous_url=contacts_url(wanted, before=page.previous_cursor or ""),
        next_url=contacts_url(wanted, after=page.next_cursor or ""),
        total=None if wanted.is_narrowed else count_contacts(reading()),
        counted=COUNTED,
        guards=guards_of_people(reading(), people, now=utc_now()),
        tags=tags,
        may_edit=may(role(), "contact", "edit"),
    )


def contacts_url(wanted: ContactFilter, **place: str) -> str:
    """Return the address of the list with a filter; "" for a page that is not there."""
    if place and not all(place.values()):
        return ""
    return f"{request.script_root}/contacts/{query_of({**wanted.to_arguments(), **place})}"


def chips_of(wanted: ContactFilter, tags: dict[int, str]) -> list[Chip]:
    """Say the filter part by part, each with the list without it."""
    return [
        Chip(text, contacts_url(wanted.without(argument)))
        for argument, text in _parts(wanted, tags)
    ]


def _parts(wanted: ContactFilter, tags: dict[int, str]) -> Iterator[tuple[str, str]]:
    said = wanted.to_arguments()
    sentences = {
        "search": "found by “{}”",
        "kind": "kind is {}",
        "beat": "beat has “{}”",
        "outlet": "outlet has “{}”",
        "site": "site is {}",
        "country": "country is {}",
        "deliverability": "mail is {}",
    }
    for name, sentence in sentences.items():
        if name in said:
            yield name, sentence.format(said[name].replace("_", " "))
    if wanted.has_address is not None:
        yield "address", "has an address" if wanted.has_address else "has no address"
    if wanted.tag_id is not None:
        yield "tag", f"tag is {tags.get(wanted.tag_id, 'one that is gone')}"
    if wanted.is_untouched:
        yield "untouched", "never written to"


def _heading(wanted: ContactFilter, label: str, sort: str) -> Heading:
    classes = "table__fixed" if sort == "name" else ""
    if not sort:
        return Heading(label, classes, "", "")
    is_current = wanted.sort == sort
    turned = wanted.sorted_by(sort, is_reversed=is_current and not wanted.is_reversed)
    direction = ("descending" if wanted.is_descending else "ascending") if is_current else ""
    return Heading(label, classes, contacts_url(turned), direction)
