"""The pipeline: all opportunities as a board, in lanes, as a table, and changes of many."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.accounts.queries import member_names
from outreach.accounts.rules import may
from outreach.campaigns.queries import campaign_names
from outreach.campaigns.rules import label
from outreach.campaigns.tally import Total, by_stage, stage_totals, tally
from outreach.campaigns.words import Lanes, Stage, TableSort
from outreach.core.clock import utc_now
from outreach.core.errors import Invalid
from outreach.desk.board import board as board_columns
from outreach.desk.board import lane_columns, lanes_of, narrowed_to_lane
from outreach.desk.cards import BoardFilter, card_of
from outreach.desk.opportunity_table import WhichPage, opportunity_table
from outreach.web.bulk_actions import agree, propose
from outreach.web.context import complain, reading, requires, role, workspace
from outreach.web.money import cents_of, money
from outreach.workflows.bulk import BulkKind, Chosen
from outreach.workflows.bulk_opportunities import ASSIGN, MOVE, VALUE

blueprint = Blueprint("opportunities", __name__, url_prefix="/opportunities")


@blueprint.get("/")
@requires("opportunity", "view")
def board() -> Any:
    """Show the pipeline as a board, a column for each stage; in lanes, if asked."""
    wanted, by, now = filter_asked_for(), _lanes_asked_for(), utc_now()
    lanes = lanes_of(reading(), by, wanted, _lane_names(by), now=now) if by else []
    columns = [] if by else board_columns(reading(), wanted, now=now)
    parts = [lane.total for lane in lanes] + [column.total for column in columns]
    whole = sum(parts, start=Total())
    return render_template(
        "opportunities/board.html",
        lanes=lanes,
        columns=columns,
        total=whole,
        by=by,
        wanted=wanted,
        here=request.full_path.rstrip("?"),
        **_board_words(wanted),
        **_choices(),
    )


@blueprint.get("/lane")
@requires("opportunity", "view")
def lane() -> Any:
    """Show the columns of one lane; asked for when somebody opens it."""
    by, key = _lanes_asked_for(), request.args.get("lane", type=int)
    if by is None or key is None:
        return redirect(url_for("opportunities.board"))
    wanted = narrowed_to_lane(filter_asked_for(), by, key)
    return render_template(
        "opportunities/_columns.html",
        columns=lane_columns(reading(), wanted, now=utc_now()),
        lane_key=key,
        by=by,
        wanted=wanted,
        **_board_words(wanted),
    )


def _lanes_asked_for() -> Lanes | None:
    asked = request.values.get("lanes", "")
    return Lanes(asked) if asked in set(Lanes) else None


def _lane_names(by: Lanes | None) -> dict[int, str]:
    if by is Lanes.CAMPAIGN:
        return dict(campaign_names(reading(), with_archived=True))
    return dict(members()) if by is Lanes.OWNER else {}


def _board_words(wanted: BoardFilter) -> dict[str, Any]:
    """What a column's head and cards are written with; made once, not for every card."""
    return {
        "total_words": total_words,
        "money": money_words,
        "stage_words": {stage: label(stage) for stage in Stage},
        "table_urls": {
            stage: url_for(
                "opportunities.table", stage=stage.value, campaign=wanted.campaign_id,
                owner=wanted.owner_id,
            )
            for stage in Stage
        },
        "may_edit": may(role(), "opportunity", "edit"),
    }  # fmt: skip


def total_words(total: Total) -> str:
    """Say a count and what it is worth: "12 · $3,400"."""
    if not total.value_cents:
        return f"{total.count:,}"
    return f"{total.count:,} · {money_words(total.value_cents)}"


def money_words(cents: int) -> str:
    """Show an amount in the workspace's currency."""
    return money(cents, workspace().currency)


@blueprint.get("/table")
@requires("opportunity", "view")
def table() -> Any:
    """Show the same as a table, in any order."""
    wanted, session, sort = filter_asked_for(), reading(), _sort_asked_for()
    cursor = request.args.get("after", "")
    found = tally(session, campaign_id=wanted.campaign_id, owner_id=wanted.owner_id)
    page = opportunity_table(session, wanted, found, WhichPage(sort, cursor), now=utc_now())
    totals = by_stage(found)
    total = sum(totals.values(), start=Total())
    kept = arguments_of(wanted)
    return render_template(
        "opportunities/table.html",
        page=page,
        by=None,
        wanted=wanted,
        shown=totals.get(wanted.stage, Total()) if wanted.stage else total,
        total_words=total_words,
        money=money_words,
        sort=sort,
        sort_urls={
            other.value: url_for("opportunities.table", sort=other.value, **kept)
            for other in TableSort
        },
        next_url=url_for("opportunities.table", after=page.next_cursor, sort=sort.value, **kept),
        filter_arguments={name: value for name, value in kept.items() if value is not None},
        may_edit=may(role(), "opportunity", "edit"),
        **_choices(),
    )


def _sort_asked_for() -> TableSort:
    asked = request.args.get("sort", "")
    return TableSort(asked) if asked in set(TableSort) else TableSort.NEWEST


def filter_asked_for() -> BoardFilter:
    """What the address narrows the pipeline to; owner 0 is nobody."""
    stage = request.values.get("stage_is") or request.args.get("stage", "")
    return BoardFilter(
        campaign_id=request.values.get("campaign", type=int),
        owner_id=request.values.get("owner", type=int),
        stage=Stage(stage) if stage in set(Stage) else None,
    )


def arguments_of(wanted: BoardFilter) -> dict[str, Any]:
    """Give the filter as arguments of an address."""
    return {
        "campaign": wanted.campaign_id,
        "owner": wanted.owner_id,
        "stage": wanted.stage.value if wanted.stage else None,
    }


def _choices() -> dict[str, Any]:
    return {"campaigns": campaign_names(reading()), "members": members(), "stages": list(Stage)}


def members() -> list[tuple[int, str]]:
    """Return the members of the workspace, for a choice."""
    return member_names(reading(), workspace().key)


@blueprint.post("/changes")
@requires("opportunity", "edit")
def change_many() -> Any:
    """Move, hand over or value the selected rows, or all that match: first said, then done."""
    query = {
        name: value for name, value in arguments_of(filter_asked_for()).items() if value is not None
    }
    chosen = Chosen(query=query, is_all=True)
    if request.form.get("which") != "all":
        picked = request.form.getlist("opportunity_id")
        chosen = Chosen(ids=tuple(int(value) for value in picked if value.isdigit()))
    back = url_for("opportunities.table", sort=request.form.get("sort"), **query)
    try:
        kind, arguments = _change_asked_for()
        begin = agree if request.form.get("agreed") == "1" else propose
        return begin(kind, chosen, arguments, back=back)
    except Invalid as error:
        complain(error)
        return redirect(back, 303)


def _change_asked_for() -> tuple[BulkKind, dict[str, object]]:
    match request.form.get("change", ""):
        case "stage":
            stage = request.form.get("stage", "")
            return MOVE, {"stage": stage, "reason": request.form.get("reason", "")}
        case "owner_id":
            return ASSIGN, {"owner_id": request.form.get("owner_id", type=int)}
        case "value":
            return VALUE, {
                "value_cents": cents_of(request.form.get("value", ""), workspace().currency)
            }
    raise Invalid("Choose what to change.")


def answer_to_board(opportunity_id: int, stage: Stage, undo_url: str) -> dict[str, Any]:
    """Give what the board shows after a move: the toast, the card's age, and every count anew."""
    now, wanted = utc_now(), replace(filter_asked_for(), stage=None)
    card = card_of(reading(), opportunity_id, now=now)
    said = f"Moved {card.domain} to {label(stage)}."
    found = stage_totals(reading(), campaign_id=wanted.campaign_id, owner_id=wanted.owner_id)
    totals = {f"all-{row.value}": total_words(found.get(row, Total())) for row in Stage}
    by = _lanes_asked_for()
    if by is not None:
        key = card.campaign_id if by is Lanes.CAMPAIGN else card.owner_id or 0
        narrowed = narrowed_to_lane(wanted, by, key)
        lane_totals = stage_totals(
            reading(), campaign_id=narrowed.campaign_id, owner_id=narrowed.owner_id
        )
        totals |= {
            f"{key}-{row.value}": total_words(lane_totals.get(row, Total())) for row in Stage
        }
    toast = render_template("opportunities/_toast.html", said=said, undo_url=undo_url)
    return {"toast": toast, "age": card.age, "totals": totals}
