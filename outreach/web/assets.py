"""Assets: our pages worth linking to."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.activity.queries import timeline_of
from outreach.assets.queries import get_asset
from outreach.assets.services import add_asset, archive_asset, edit_asset
from outreach.core.clock import utc_now
from outreach.core.errors import Conflict, Invalid
from outreach.desk.assets import asset_lines
from outreach.desk.prospect_filter import ProspectFilter
from outreach.desk.prospect_list import prospect_page
from outreach.web.annotations import annotation_context
from outreach.web.context import reading, requires, say, wake, writing
from outreach.web.forms.assets import AssetForm
from outreach.web.timeline import timeline_items
from outreach.workflows.score_prospects import request_scoring

blueprint = Blueprint("assets", __name__, url_prefix="/assets")

_BEST_SHOWN = 10


@blueprint.get("/")
@requires("asset", "view")
def index() -> Any:
    """List our pages."""
    with_archived = request.args.get("archived") == "1"
    lines = asset_lines(reading(), with_archived=with_archived)
    return render_template("assets/index.html", lines=lines, with_archived=with_archived)


@blueprint.get("/new")
@requires("asset", "edit")
def new() -> Any:
    """Show the form of a new asset."""
    return render_template("assets/edit.html", form=AssetForm(formdata=None), asset=None)


@blueprint.post("/")
@requires("asset", "edit")
def create() -> Any:
    """Add an asset, and score prospects against it."""
    form = AssetForm()
    if not form.validate():
        return render_template("assets/edit.html", form=form, asset=None), 422
    try:
        with writing() as session:
            asset = add_asset(session, form.to_draft(), now=utc_now())
            job = request_scoring(session)
    except (Conflict, Invalid) as problem:
        form.form_errors.append(str(problem))
        return render_template("assets/edit.html", form=form, asset=None), 422
    wake("io", "run_job_io", job.key)
    say("Added. Prospects are being scored against it.", "success")
    return redirect(url_for("assets.show", asset_id=asset.key), 303)


@blueprint.get("/<int:asset_id>")
@requires("asset", "view")
def show(asset_id: int) -> Any:
    """Show an asset and the prospects that fit it best."""
    asset = get_asset(reading(), asset_id)
    wanted = ProspectFilter(asset_id=asset_id)
    return render_template(
        "assets/show.html",
        asset=asset,
        best=prospect_page(reading(), wanted, now=utc_now(), limit=_BEST_SHOWN),
        story=timeline_items(timeline_of(reading(), "asset", asset_id)),
        **annotation_context("asset", asset_id),
    )


@blueprint.get("/<int:asset_id>/edit")
@requires("asset", "edit")
def edit(asset_id: int) -> Any:
    """Show the form of an asset."""
    asset = get_asset(reading(), asset_id)
    return render_template("assets/edit.html", form=AssetForm.of(asset), asset=asset)


@blueprint.post("/<int:asset_id>")
@requires("asset", "edit")
def save(asset_id: int) -> Any:
    """Save an asset, and score prospects anew."""
    asset = get_asset(reading(), asset_id)
    form = AssetForm()
    if not form.validate():
        return render_template("assets/edit.html", form=form, asset=asset), 422
    try:
        with writing() as session:
            edit_asset(session, get_asset(session, asset_id), form.to_draft(), now=utc_now())
            job = request_scoring(session)
    except (Conflict, Invalid) as problem:
        form.form_errors.append(str(problem))
        return render_template("assets/edit.html", form=form, asset=asset), 422
    wake("io", "run_job_io", job.key)
    say("Saved. Prospects are being scored anew.", "success")
    return redirect(url_for("assets.show", asset_id=asset_id), 303)


@blueprint.post("/<int:asset_id>/archiving")
@requires("asset", "edit")
def archive(asset_id: int) -> Any:
    """Put an asset away, or bring it back."""
    is_archived = request.form.get("archived") == "1"
    with writing() as session:
        asset = get_asset(session, asset_id)
        archive_asset(session, asset, is_archived=is_archived, now=utc_now())
        job = request_scoring(session)
    wake("io", "run_job_io", job.key)
    say(f"“{asset.title}” is {'archived' if is_archived else 'back'}.", "success")
    return redirect(url_for("assets.show", asset_id=asset_id), 303)
