"""Workspaces: choose, create, switch, edit, and their properties."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.accounts import services
from outreach.assets import properties
from outreach.core.clock import utc_now
from outreach.core.errors import OutreachError
from outreach.web.context import (
    person,
    reading,
    requires,
    requires_operator,
    requires_person,
    say,
    signed_in,
    workspace,
    writing,
)
from outreach.web.context import services as web
from outreach.web.forms.accounts import PropertyForm, WorkspaceForm

blueprint = Blueprint("workspaces", __name__, url_prefix="/workspaces")


@blueprint.get("/")
@requires_person
def choose() -> Any:
    """Let a person choose where to work."""
    return render_template("workspaces/choose.html", choices=signed_in().workspaces)


@blueprint.post("/current")
@requires_person
def switch() -> Any:
    """Turn this browser to another workspace."""
    chosen = request.form.get("workspace_id", 0, type=int)
    with web().database.system() as session:
        services.switch_workspace(session, signed_in().session_id, person().key, chosen)
    return redirect(url_for("today.show"), 303)


@blueprint.get("/new")
@requires_operator
def new() -> Any:
    """Show the form of a new workspace."""
    return render_template("workspaces/new.html", form=WorkspaceForm())


@blueprint.post("/")
@requires_operator
def create() -> Any:
    """Make a workspace and turn to it."""
    form = WorkspaceForm()
    if not form.validate():
        return render_template("workspaces/new.html", form=form), 422
    try:
        with web().database.system() as session:
            row = services.create_workspace(session, form.name.data or "", owner=person())
            row.country = (form.country.data or "").upper()
            row.postal_address = form.postal_address.data or ""
            row.currency = form.currency.data
            session.add(row)
            services.switch_workspace(session, signed_in().session_id, person().key, row.key)
    except OutreachError as error:
        form.form_errors.append(str(error))
        return render_template("workspaces/new.html", form=form), 422
    say(f"{row.name} is ready. Next: say which domains are yours.", "success")
    return redirect(url_for("workspaces.edit"), 303)


@blueprint.get("/current")
@requires("property", "view")
def edit() -> Any:
    """Show the workspace's own facts and its properties."""
    return _edit_page(WorkspaceForm(obj=workspace()), PropertyForm(formdata=None))


@blueprint.post("/current/facts")
@requires("workspace", "manage")
def save() -> Any:
    """Save name, country, postal address and currency."""
    form = WorkspaceForm(obj=workspace())
    if not form.validate():
        return _edit_page(form, PropertyForm(formdata=None)), 422
    with web().database.system() as session:
        services.rename_workspace(
            session,
            workspace().key,
            name=form.name.data or "",
            country=form.country.data or "",
            postal_address=form.postal_address.data or "",
            currency=form.currency.data,
        )
    say("Saved.", "success")
    return redirect(url_for("workspaces.edit"), 303)


@blueprint.post("/current/properties")
@requires("property", "edit")
def add_property() -> Any:
    """Add a domain of ours."""
    form = PropertyForm()
    if not form.validate():
        return _edit_page(WorkspaceForm(formdata=None, obj=workspace()), form), 422
    with writing() as session:
        row = properties.add_property(
            session, form.domain.data or "", brand_aliases=form.aliases(), now=utc_now()
        )
    say(f"{row.domain} is one of ours now.", "success")
    return redirect(url_for("workspaces.edit"), 303)


@blueprint.post("/current/properties/<int:property_id>/removal")
@requires("property", "edit")
def remove_property(property_id: int) -> Any:
    """Take a domain off the list; links to it stay known."""
    with writing() as session:
        domain = properties.remove_property(session, property_id, now=utc_now())
    say(f"{domain} is no longer listed as ours.", "success")
    return redirect(url_for("workspaces.edit"), 303)


def _edit_page(form: WorkspaceForm, property_form: PropertyForm) -> str:
    return render_template(
        "workspaces/edit.html",
        form=form,
        property_form=property_form,
        properties=properties.all_properties(reading()),
    )
