"""One person's own settings, password and open sessions."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.accounts import queries, services
from outreach.core.clock import utc_now
from outreach.core.db import SYSTEM
from outreach.core.passwords import hash_password, verify_password
from outreach.web.context import person, requires_person, say, signed_in
from outreach.web.context import services as web
from outreach.web.forms.accounts import ChangePasswordForm, ProfileForm

blueprint = Blueprint("profile", __name__, url_prefix="/profile")


@blueprint.get("/")
@requires_person
def edit() -> Any:
    """Show a person their own settings."""
    return _page(ProfileForm(obj=person()), ChangePasswordForm(formdata=None))


@blueprint.post("/")
@requires_person
def save() -> Any:
    """Save name, time zone, density, colours and keys."""
    form = ProfileForm()
    if not form.validate():
        return _page(form, ChangePasswordForm(formdata=None)), 422
    with web().database.system() as session:
        services.save_profile(
            session,
            person().key,
            name=form.name.data or "",
            time_zone=form.time_zone.data or "UTC",
            locale=form.locale.data or "en",
            density=form.density.data or "comfortable",
            theme=form.theme.data or "system",
            has_single_keys=bool(form.has_single_keys.data),
        )
    say("Saved.", "success")
    return redirect(url_for("profile.edit"), 303)


@blueprint.post("/single-keys")
@requires_person
def save_keys() -> Any:
    """Switch single keys on or off, from the sheet that lists them."""
    is_on = request.form.get("on") == "yes"
    with web().database.system() as session:
        services.save_profile(session, person().key, has_single_keys=is_on)
    return "", 204


@blueprint.post("/password")
@requires_person
def change_password() -> Any:
    """Change the password; every other session ends."""
    form = ChangePasswordForm()
    if form.validate() and not verify_password(person().password_hash, form.current.data or ""):
        form.current.errors = ["This is not your current password."]
    if form.errors:
        return _page(ProfileForm(formdata=None, obj=person()), form), 422
    hashed = hash_password(form.password.data or "")
    with web().database.system() as session:
        services.set_password(
            session, queries.get_user(session, person().key), hashed, keep=signed_in().session_id
        )
    say("Your password is changed; other browsers are signed out.", "success")
    return redirect(url_for("profile.edit"), 303)


@blueprint.post("/sessions/ended")
@requires_person
def end_other_sessions() -> Any:
    """Sign every other browser out."""
    with web().database.system() as session:
        services.end_sessions(session, person().key, but=signed_in().session_id)
    say("Other browsers are signed out.", "success")
    return redirect(url_for("profile.edit"), 303)


def _page(form: ProfileForm, password_form: ChangePasswordForm) -> str:
    with web().database.reading(SYSTEM) as session:
        sessions = queries.sessions_of(session, person().key, now=utc_now())
    return render_template(
        "profile/edit.html",
        form=form,
        password_form=password_form,
        sessions=sessions,
        current_id=signed_in().session_id,
    )
