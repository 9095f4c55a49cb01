"""Saved views of the prospects list, its columns, and the form of its filter."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.core.clock import utc_now
from outreach.core.errors import Conflict, Invalid
from outreach.desk.prospect_cells import all_own_fields
from outreach.desk.prospect_columns import ALL_COLUMNS, Column, chosen_columns
from outreach.desk.prospect_filter import ProspectFilter
from outreach.desk.prospect_list import count_prospects
from outreach.desk.prospect_options import filter_options
from outreach.desk.prospect_words import names_in, sentence
from outreach.views.queries import chosen_layout, get_view, views_of
from outreach.views.services import (
    choose_columns,
    delete_view,
    move_view,
    rename_view,
    save_view,
)
from outreach.web.context import reading, requires, say, writing
from outreach.web.filters_of_prospects import filter_asked_for, list_url
from outreach.web.forms.views import ViewForm
from outreach.web.prospect_table import BUILT_IN, LIST

blueprint = Blueprint("views", __name__, url_prefix="/prospects")


@blueprint.get("/filter")
@requires("prospect", "view")
def edit_filter() -> Any:
    """Show the form of the filter; in a dialog where scripts run."""
    wanted = filter_asked_for()
    return _page_or_part(
        "filter", wanted=wanted, said=wanted.to_arguments(), options=filter_options(reading())
    )


@blueprint.get("/columns")
@requires("prospect", "view")
def edit_columns() -> Any:
    """Show which columns the list has; the arrows change their order without saving."""
    picked = request.args.getlist("column") or chosen_layout(reading(), LIST)
    fields = all_own_fields(reading())
    shown = chosen_columns(picked, fields)
    every = [*ALL_COLUMNS, *(Column(f"field_{key}", name, ()) for key, name in fields)]
    names = {column.name for column in shown}
    ordered = _moved([*shown, *(column for column in every if column.name not in names)])
    arguments = filter_asked_for().to_arguments()
    return _page_or_part("columns", columns=ordered, shown=names, arguments=arguments)


def _moved(columns: list[Column]) -> list[Column]:
    names = [column.name for column in columns]
    for argument, step in (("up", -1), ("down", 1)):
        name = request.args.get(argument, "")
        if name in names:
            here = names.index(name)
            there = min(max(here + step, 0), len(columns) - 1)
            columns[here], columns[there] = columns[there], columns[here]
    return columns


@blueprint.post("/columns")
@requires("prospect", "view")
def save_columns() -> Any:
    """Keep the columns this person shows."""
    picked = [] if request.form.get("usual") else request.form.getlist("column")
    with writing() as session:
        names = [column.name for column in chosen_columns(picked, all_own_fields(session))]
        choose_columns(session, LIST, names if picked else [])
    say("The list shows these columns now.", "success")
    return redirect(list_url(filter_asked_for()), 303)


@blueprint.get("/views/")
@requires("prospect", "view")
def index() -> Any:
    """List the saved views, to be named, ordered and deleted."""
    views = [
        (view, ProspectFilter.from_arguments(view.query), ViewForm(formdata=None, obj=view))
        for view in views_of(reading(), LIST)
    ]
    said = [
        (view, list_url(wanted), sentence(wanted, names_in(reading(), wanted)), form)
        for view, wanted, form in views
    ]
    return render_template("prospects/views.html", views=said)


@blueprint.get("/views/counts")
@requires("prospect", "view")
def counts() -> Any:
    """Count what each view finds; asked for by the list once it is shown."""
    now, session = utc_now(), reading()
    wanted = {key: view for key, _, view in BUILT_IN}
    for row in views_of(session, LIST):
        wanted[f"{row.key}"] = ProspectFilter.from_arguments(row.query)
    counted = {key: count_prospects(session, view, now=now) for key, view in wanted.items()}
    return render_template("prospects/_view_counts.html", counted=counted)


@blueprint.get("/views/new")
@requires("prospect", "view")
def new() -> Any:
    """Show the form that saves the list as it is."""
    return _save_form(ViewForm(formdata=None))


def _save_form(form: ViewForm) -> Any:
    wanted = filter_asked_for()
    said = sentence(wanted, names_in(reading(), wanted))
    return _page_or_part("view_new", form=form, said=said, arguments=wanted.to_arguments())


@blueprint.post("/views/")
@requires("prospect", "view")
def create() -> Any:
    """Save the filter, order and columns of the address under a name."""
    form, wanted = ViewForm(), filter_asked_for()
    if not form.validate():
        return _save_form(form), 422
    try:
        with writing() as session:
            view = save_view(
                session,
                LIST,
                form.name.data or "",
                wanted.to_arguments(),
                columns=chosen_layout(session, LIST) if form.keeps_columns.data else (),
                is_shared=bool(form.is_shared.data),
            )
    except (Conflict, Invalid) as problem:
        form.name.errors = [str(problem)]
        return _save_form(form), 422
    say(f"Saved the view “{view.name}”.", "success")
    return redirect(list_url(wanted), 303)


@blueprint.post("/views/<int:saved_view_id>")
@requires("prospect", "view")
def save(saved_view_id: int) -> Any:
    """Change the name of a view, and who sees it."""
    form = ViewForm()
    with writing() as session:
        view = rename_view(
            session, saved_view_id, form.name.data or "", is_shared=bool(form.is_shared.data)
        )
    say(f"The view is called “{view.name}”.", "success")
    return redirect(url_for("views.index"), 303)


@blueprint.post("/views/<int:saved_view_id>/moves")
@requires("prospect", "view")
def move(saved_view_id: int) -> Any:
    """Put a view one place forward or back."""
    with writing() as session:
        move_view(session, saved_view_id, is_up=request.form.get("to") == "up")
    return redirect(url_for("views.index"), 303)


@blueprint.post("/views/<int:saved_view_id>/deletion")
@requires("prospect", "view")
def remove(saved_view_id: int) -> Any:
    """Delete a view."""
    get_view(reading(), saved_view_id)
    with writing() as session:
        view = delete_view(session, saved_view_id)
    kept = json.dumps([view.name, view.query, view.columns, view.is_shared])
    say(f"Deleted the view “{view.name}”.", "success", undo_url=url_for("views.restore", kept=kept))
    return redirect(url_for("views.index"), 303)


@blueprint.post("/views/restoration")
@requires("prospect", "view")
def restore() -> Any:
    """Bring a deleted view back, as the Undo button kept it."""
    try:
        name, query, columns, is_shared = json.loads(request.args.get("kept", ""))
        wanted = ProspectFilter.from_arguments({str(key): str(query[key]) for key in query})
        with writing() as session:
            save_view(
                session,
                LIST,
                str(name),
                wanted.to_arguments(),
                columns=[str(column) for column in columns],
                is_shared=bool(is_shared),
            )
    except (TypeError, ValueError) as error:
        raise Invalid("This view cannot be brought back.") from error
    say(f"The view “{name}” is back.", "success")
    return redirect(url_for("views.index"), 303)


def _page_or_part(name: str, **context: Any) -> str:
    """Draw a form: alone for a dialog that asks for it, else as a page of its own."""
    is_part = "HX-Request" in request.headers
    template = f"prospects/_{name}_form.html" if is_part else f"prospects/{name}.html"
    return render_template(template, **context)
