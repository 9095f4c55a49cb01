"""The page of the prospects list: its rows, columns, tabs and chips."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import current_app, render_template, request
from markupsafe import Markup

from outreach.core.clock import utc_now
from outreach.desk.collisions import guards_of_sites
from outreach.desk.prospect_cells import own_fields, side_cells
from outreach.desk.prospect_columns import (
    ALL_COLUMNS,
    BY_NAME,
    FIELD_PREFIX,
    Column,
    chosen_columns,
    needed_by,
)
from outreach.desk.prospect_filter import ProspectFilter
from outreach.desk.prospect_list import ALWAYS, prospect_page
from outreach.desk.prospect_words import names_in
from outreach.prospects.words import Review
from outreach.views.queries import setup_of
from outreach.web.context import reading
from outreach.web.filters_of_prospects import chips_of, filter_asked_for, list_url, query_of
from outreach.web.forms.prospects import REASONS
from outreach.web.prospect_panel import panel_asked_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Environment, Template

    from outreach.views.models import SavedView

LIST = "prospects"
BUILT_IN: tuple[tuple[str, str, ProspectFilter], ...] = (
    ("all", "Everything", ProspectFilter()),
    ("new", "To review", ProspectFilter(review=Review.NEW)),
    ("approved", "Approved", ProspectFilter(review=Review.APPROVED)),
    ("later", "Later", ProspectFilter(review=Review.LATER)),
    ("rejected", "Rejected", ProspectFilter(review=Review.REJECTED)),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """One view: built in, or saved under a name."""

    key: str
    text: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of one column, and the list sorted by it."""

    label: str
    classes: str
    url: str
    direction: str


def render_list() -> str:
    """Draw the list as the address asks for it."""
    session, now, wanted = reading(), utc_now(), filter_asked_for()
    views, layout = setup_of(session, LIST)
    columns = _columns_shown(wanted, views, layout)
    page = prospect_page(
        session, wanted, now=now, needs=needed_by(columns), cursor=request.args.get("at", "")
    )
    cells = side_cells(session, [row[0] for row in page.rows], columns)
    guards = guards_of_sites(session, [row[1] for row in page.rows], now=now)
    template = _rows_template(current_app.jinja_env, tuple(column.name for column in columns))
    return render_template(
        "prospects/index.html",
        wanted=wanted,
        count=len(page.rows),
        # Drawn before the page: a piece of a template is handed up through each one it extends.
        rows=Markup(template.render(rows=page.rows, cells=cells, guards=guards, now=now)),  # noqa: S704
        order=_ORDERS[wanted.sort],
        is_first=not request.args.get("at"),
        headings=[_heading(wanted, column) for column in columns],
        tabs=tabs_of(wanted, views),
        chips=chips_of(wanted, names_in(session, wanted)),
        query=query_of(wanted.to_arguments()),
        arguments=wanted.to_arguments(),
        site_heading=_heading(wanted, _SITE),
        previous_url=list_url(wanted, at=page.previous_cursor) if page.previous_cursor else "",
        next_url=list_url(wanted, at=page.next_cursor) if page.next_cursor else "",
        **{"reasons": REASONS, "now": now, **panel_asked_for()},
    )


def columns_shown(wanted: ProspectFilter) -> list[Column]:
    """Return the columns the list has under this filter."""
    return _columns_shown(wanted, *setup_of(reading(), LIST))


def _columns_shown(
    wanted: ProspectFilter, views: Sequence[SavedView], layout: Sequence[str]
) -> list[Column]:
    """Return the columns of the saved view that is open, else those the person chose."""
    said = wanted.to_arguments()
    of_view = next((view.columns for view in views if view.columns and view.query == said), None)
    names = of_view or layout
    return chosen_columns(names, own_fields(reading(), names))


def tabs_of(wanted: ProspectFilter, views: Sequence[SavedView]) -> list[Tab]:
    """Return every view of the list; one of them may be the list as it is asked for."""
    said = wanted.to_arguments()
    tabs = [Tab(key, text, list_url(view), wanted == view) for key, text, view in BUILT_IN]
    return tabs + [
        Tab(
            f"{view.key}",
            view.name,
            f"{request.script_root}/prospects/{query_of(view.query)}",
            view.query == said,
        )
        for view in views
    ]


def _heading(wanted: ProspectFilter, column: Column) -> Heading:
    classes = "table__number" if column.is_number else ""
    if not column.sort:
        return Heading(column.label, classes, "", "")
    is_current = wanted.sort == column.sort
    turned = wanted.sorted_by(column.sort, is_reversed=is_current and not wanted.is_reversed)
    direction = ("descending" if wanted.is_descending else "ascending") if is_current else ""
    return Heading(column.label, classes, list_url(turned), direction)


_ORDERS = {
    column.sort: column.label.lower() if column.label.istitle() else column.label
    for column in ALL_COLUMNS
    if column.sort
} | {"domain": "domain", "newest": "newest"}
_SITE = Column("domain", "Site", (), "domain")


@lru_cache(maxsize=256)
def _rows_template(environment: Environment, names: tuple[str, ...]) -> Template:
    """Put the cells of these columns together into the template of a row, once for each choice.

    A list of fifty rows would otherwise look for the template of each cell five hundred times.
    """
    needs = needed_by(BY_NAME[name] for name in names if name in BY_NAME)
    cells = [_cell_source(environment, "site"), *(_cell_source(environment, n) for n in names)]
    unpacked = ", ".join((*ALWAYS, *needs))
    return environment.from_string(
        f"{{% for {unpacked} in rows %}}\n<tr>{''.join(cells)}</tr>\n{{% endfor %}}"
    )


def _cell_source(environment: Environment, name: str) -> str:
    kind, _, number = name.partition("_")
    known = kind == FIELD_PREFIX.rstrip("_") and number.isdecimal()
    path = f"prospects/cells/{kind if known else name}.html"
    if environment.loader is None:
        raise LookupError("Templates are read from a folder.")
    source = environment.loader.get_source(environment, path)[0].strip()
    return f"{{% set field_id = {number} %}}{source}" if known else source
