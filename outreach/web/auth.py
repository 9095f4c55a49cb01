"""Signing in and out, setting up, joining, choosing a new password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for

from outreach.accounts import queries, services
from outreach.accounts.rules import PER_ACCOUNT, PER_NETWORK, SESSION_AGE, network_of
from outreach.accounts.words import LinkPurpose, Role
from outreach.core.clock import utc_now
from outreach.core.db import SYSTEM
from outreach.core.errors import NotFound
from outreach.core.passwords import hash_password, verify_password
from outreach.web.context import public, requires_person, say, signed_in
from outreach.web.context import services as web
from outreach.web.forms.accounts import JoinForm, NewPasswordForm, NewPersonForm, SignInForm

if TYPE_CHECKING:
    from outreach.accounts.models import OneTimeLink, User

blueprint = Blueprint("auth", __name__)


def session_cookie() -> str:
    """The cookie's name; `__Host-` where TLS lets a browser enforce it."""
    return "__Host-sid" if current_app.config["SESSION_COOKIE_SECURE"] else "sid"


@blueprint.get("/sign-in")
@public
def sign_in() -> Any:
    """Show the sign-in form."""
    return render_template("auth/sign_in.html", form=SignInForm(next=request.args.get("next", "")))


@blueprint.post("/sign-in")
@public
def open_session() -> Any:
    """Check address and password, slowly and with a limit, and open a session."""
    form = SignInForm()
    if not form.validate():
        return render_template("auth/sign_in.html", form=form), 422
    user = _check_password(form.email.data or "", form.password.data or "")
    if user is None:
        form.form_errors.append("The address or the password is wrong.")
        return render_template("auth/sign_in.html", form=form), 422
    return _start_session(user, _local_path(form.next.data or ""))


def _check_password(email: str, password: str) -> User | None:
    now, email = utc_now(), email.strip().lower()
    with web().database.system() as session:  # counted before hashing, kept whatever follows
        services.spend_try(session, f"account:{email}"[:120], PER_ACCOUNT, now=now)
        network = network_of(request.remote_addr or "unknown")
        services.spend_try(session, f"network:{network}", PER_NETWORK, now=now)
    with web().database.reading(SYSTEM) as session:
        user = queries.find_user_by_email(session, email)
    stored = user.password_hash if user and user.is_active else None
    return user if verify_password(stored, password) else None


def _start_session(user: User, target: str, *, workspace_id: int = 0) -> Any:
    with web().database.system() as session:
        token = services.sign_in(
            session,
            user,
            now=utc_now(),
            user_agent=request.user_agent.string,
            workspace_id=workspace_id,
        )
    answer = redirect(target, 303)
    answer.set_cookie(
        session_cookie(),
        token,
        max_age=int(SESSION_AGE.total_seconds()),
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )
    return answer


@blueprint.post("/sign-out")
@requires_person
def sign_out() -> Any:
    """End this session."""
    with web().database.system() as session:
        services.sign_out(session, signed_in().session_id)
    answer = redirect(url_for("auth.sign_in"), 303)
    answer.delete_cookie(session_cookie())
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@blueprint.get("/setup/<token>")
@public
def setup(token: str) -> Any:
    """Show the form that makes the owner; the link is printed at the first start."""
    _link_or_404(token, LinkPurpose.SETUP)
    return render_template("auth/setup.html", form=NewPersonForm(), token=token)


@blueprint.post("/setup/<token>")
@public
def create_owner(token: str) -> Any:
    """Make the owner, their workspace, and sign them in."""
    _link_or_404(token, LinkPurpose.SETUP)
    form = NewPersonForm()
    if not form.validate():
        return render_template("auth/setup.html", form=form, token=token), 422
    hashed = hash_password(form.password.data or "")
    with web().database.system() as session:
        services.use_link(session, token, LinkPurpose.SETUP, now=utc_now())
        user = services.create_user(
            session,
            email=form.email.data or "",
            name=form.name.data or "",
            password_hash=hashed,
            is_operator=True,
        )
        if form.workspace_name.data:
            services.create_workspace(session, form.workspace_name.data, owner=user)
        for workspace in queries.all_workspaces(session):
            if workspace.is_sample:
                services.join_workspace(session, user, workspace.key, Role.OWNER)
    return _start_session(user, url_for("today.show"))


@blueprint.get("/invitations/<token>")
@public
def invitation(token: str) -> Any:
    """Show an invited person what they were asked to."""
    link = _link_or_404(token, LinkPurpose.INVITATION)
    return render_template("auth/join.html", form=JoinForm(), link=link, **_invited_to(link))


@blueprint.post("/invitations/<token>")
@public
def join(token: str) -> Any:
    """Accept an invitation: an account that exists joins, a new person gets one."""
    link = _link_or_404(token, LinkPurpose.INVITATION)
    form, known = JoinForm(), _invited_to(link)["known"]
    if not known and not form.validate():
        return render_template("auth/join.html", form=form, link=link, **_invited_to(link)), 422
    hashed = "" if known else hash_password(form.password.data or "")
    with web().database.system() as session:
        services.use_link(session, token, LinkPurpose.INVITATION, now=utc_now())
        user = queries.find_user_by_email(session, link.email) or services.create_user(
            session, email=link.email, name=form.name.data or "", password_hash=hashed
        )
        services.join_workspace(session, user, link.workspace_id or 0, Role(link.role))
    if known:
        say("You have joined. Sign in with your own password.", "success")
        return redirect(url_for("auth.sign_in"), 303)
    return _start_session(user, url_for("today.show"), workspace_id=link.workspace_id or 0)


@blueprint.get("/password-resets/<token>")
@public
def password_reset(token: str) -> Any:
    """Show the form for a new password."""
    _link_or_404(token, LinkPurpose.PASSWORD_RESET)
    return render_template("auth/new_password.html", form=NewPasswordForm(), token=token)


@blueprint.post("/password-resets/<token>")
@public
def reset_password(token: str) -> Any:
    """Set the new password, end every session and open one."""
    link = _link_or_404(token, LinkPurpose.PASSWORD_RESET)
    form = NewPasswordForm()
    if not form.validate():
        return render_template("auth/new_password.html", form=form, token=token), 422
    hashed = hash_password(form.password.data or "")
    with web().database.system() as session:
        services.use_link(session, token, LinkPurpose.PASSWORD_RESET, now=utc_now())
        user = queries.get_user(session, link.user_id or 0)
        services.set_password(session, user, hashed, keep=None)
    return _start_session(user, url_for("today.show"))


def _link_or_404(token: str, purpose: LinkPurpose) -> OneTimeLink:
    with web().database.reading(SYSTEM) as session:
        link = queries.find_link(session, token, purpose, now=utc_now())
    if link is None:
        raise NotFound("This link was used already or is too old. Ask for a new one.")
    return link


def _invited_to(link: OneTimeLink) -> dict[str, Any]:
    with web().database.reading(SYSTEM) as session:
        workspace = queries.get_workspace_row(session, link.workspace_id or 0)
        known = queries.find_user_by_email(session, link.email) is not None
    g.signed_in = None
    return {"joins": workspace.name, "known": known, "token": request.view_args["token"]}  # type: ignore[index]


def _local_path(target: str) -> str:
    """Follow only paths of our own: no scheme, no host, no backslash tricks."""
    parts = urlsplit(target)
    plain = target.startswith("/") and not target.startswith(("//", "/\\")) and "\\" not in target
    safe = plain and not parts.scheme and not parts.netloc and target.isprintable()
    return target if safe else url_for("today.show")
