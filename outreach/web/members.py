"""Who belongs to the workspace, and as what."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.accounts import queries, services
from outreach.accounts.rules import roles_one_may_give
from outreach.accounts.services import Invitation
from outreach.accounts.words import LinkPurpose, Role
from outreach.core.clock import utc_now
from outreach.core.db import SYSTEM
from outreach.core.errors import Forbidden, NotFound
from outreach.web.context import person, requires, role, say, workspace
from outreach.web.context import services as web
from outreach.web.forms.accounts import InvitationForm, RoleForm

blueprint = Blueprint("members", __name__, url_prefix="/members")


@blueprint.get("/")
@requires("workspace", "view")
def index() -> Any:
    """List the members."""
    return _page(InvitationForm(formdata=None))


@blueprint.post("/invitations")
@requires("member", "manage")
def invite() -> Any:
    """Make a one-time link that lets somebody join."""
    form = InvitationForm()
    if not form.validate():
        return _page(form), 422
    wanted = Role(form.role.data or "")
    if wanted not in roles_one_may_give(role()):
        raise Forbidden("You can give roles up to your own.")
    invitation = Invitation(form.email.data or "", workspace().key, wanted)
    with web().database.system() as session:
        token = services.make_link(
            session, LinkPurpose.INVITATION, now=utc_now(), invitation=invitation
        )
    link = url_for("auth.invitation", token=token, _external=True)
    return _page(InvitationForm(formdata=None), link=link, link_for=invitation.email)


@blueprint.post("/<int:user_id>/role")
@requires("member", "manage")
def change_role(user_id: int) -> Any:
    """Give a member another role."""
    _member_or_404(user_id)
    form = RoleForm()
    if not form.validate():
        return _page(InvitationForm(formdata=None)), 422
    with web().database.system() as session:
        services.change_role(
            session, user_id, workspace().key, Role(form.role.data or ""), giver=role()
        )
    say("The role is changed. They sign in again with it.", "success")
    return redirect(url_for("members.index"), 303)


@blueprint.post("/<int:user_id>/removal")
@requires("member", "manage")
def remove(user_id: int) -> Any:
    """Take somebody out of the workspace."""
    with web().database.system() as session:
        services.remove_member(session, user_id, workspace().key, giver=role())
    say("They are no longer a member.", "success")
    return redirect(url_for("members.index"), 303)


@blueprint.post("/<int:user_id>/password-reset")
@requires("member", "manage")
def make_reset_link(user_id: int) -> Any:
    """Make a one-time link with which a member chooses a new password."""
    with web().database.system() as session:
        membership = queries.find_membership(session, user_id, workspace().key)
        if membership is None:
            raise NotFound("There is no such member here.")
        is_below = membership.role in roles_one_may_give(role())
        if not is_below or _belongs_elsewhere(session, user_id):
            raise Forbidden("This person belongs to other workspaces too; ask an operator.")
        token = services.make_link(
            session, LinkPurpose.PASSWORD_RESET, now=utc_now(), user_id=user_id
        )
        name = queries.get_user(session, user_id).name
    link = url_for("auth.password_reset", token=token, _external=True)
    return _page(InvitationForm(formdata=None), link=link, link_for=name)


def _member_or_404(user_id: int) -> None:
    with web().database.reading(SYSTEM) as session:
        if queries.find_membership(session, user_id, workspace().key) is None:
            raise NotFound("There is no such member here.")


def _belongs_elsewhere(session: Any, user_id: int) -> bool:
    """A reset opens the whole account, so only an operator may make one across workspaces."""
    elsewhere = [row for row in queries.workspaces_of(session, user_id) if row.id != workspace().id]
    return bool(elsewhere) and not person().is_operator


def _page(form: InvitationForm, *, link: str = "", link_for: str = "") -> str:
    with web().database.reading(SYSTEM) as session:
        rows = queries.members_of(session, workspace().key)
    return render_template(
        "members/index.html",
        form=form,
        rows=rows,
        roles=roles_one_may_give(role()),
        link=link,
        link_for=link_for,
        may_manage=role() in {Role.OWNER, Role.MANAGER},
        asked=request.method == "POST",
    )
