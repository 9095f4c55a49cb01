"""Mailboxes: the accounts we send from and read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.accounts.queries import installation_switch
from outreach.accounts.rules import may
from outreach.accounts.services import MAIL_SENDING
from outreach.activity.services import Subject, queue_job
from outreach.core.clock import utc_now
from outreach.core.errors import OutreachError
from outreach.mail.mailboxes import all_mailboxes, get_mailbox, save_mailbox, set_paused
from outreach.web.context import reading, requires, role, say, wake, writing
from outreach.web.context import services as web
from outreach.web.forms.mailboxes import MailboxForm, filled_form

if TYPE_CHECKING:
    from outreach.mail.models import Mailbox

blueprint = Blueprint("mailboxes", __name__, url_prefix="/mailboxes")


@blueprint.get("/")
@requires("mailbox", "view")
def index() -> Any:
    """List the mailboxes and how each is."""
    session = reading()
    return render_template(
        "mailboxes/index.html",
        rows=all_mailboxes(session),
        is_sending=installation_switch(session, MAIL_SENDING),
        may_edit=may(role(), "mailbox", "edit"),
    )


@blueprint.get("/new")
@requires("mailbox", "edit")
def new() -> Any:
    """Offer an empty mailbox, which captures."""
    return _editor(MailboxForm(), None)


@blueprint.post("/")
@requires("mailbox", "edit")
def create() -> Any:
    """Add a mailbox."""
    return _save(MailboxForm(), None)


@blueprint.get("/<int:mailbox_id>")
@requires("mailbox", "edit")
def show(mailbox_id: int) -> Any:
    """Show one mailbox and how it is."""
    mailbox = get_mailbox(reading(), mailbox_id)
    return _editor(filled_form(mailbox), mailbox)


@blueprint.post("/<int:mailbox_id>")
@requires("mailbox", "edit")
def update(mailbox_id: int) -> Any:
    """Change a mailbox; an empty password keeps the old one."""
    return _save(MailboxForm(), get_mailbox(reading(), mailbox_id))


@blueprint.post("/<int:mailbox_id>/proof")
@requires("mailbox", "edit")
def prove(mailbox_id: int) -> Any:
    """Sign in for real, in the background."""
    with writing() as session:
        mailbox = get_mailbox(session, mailbox_id)
        job = queue_job(session, "prove_mailbox", subject=Subject("mailbox", mailbox.key))
    wake("io", "run_job_io", job.key)
    return redirect(url_for("jobs.show", job_id=job.key), 303)


@blueprint.post("/<int:mailbox_id>/pause")
@requires("mailbox", "edit")
def pause(mailbox_id: int) -> Any:
    """Stop sending from a mailbox, or let it send again."""
    because = "" if request.form.get("resume") == "1" else "A person paused it."
    with writing() as session:
        set_paused(session, get_mailbox(session, mailbox_id), because=because, now=utc_now())
    said = "The mailbox is paused; its mail waits." if because else "The mailbox sends again."
    say(said, "success")
    return redirect(url_for("mailboxes.show", mailbox_id=mailbox_id), 303)


def _save(form: MailboxForm, mailbox: Mailbox | None) -> Any:
    if not form.validate():
        return _editor(form, mailbox), 422
    try:
        with writing() as session:
            known = get_mailbox(session, mailbox.key) if mailbox else None
            saved = save_mailbox(
                session, form.to_facts(), box=web().box, now=utc_now(), mailbox=known
            )
    except OutreachError as error:
        form.form_errors.append(str(error))
        return _editor(form, mailbox), error.status
    say("The mailbox is saved.", "success")
    return redirect(url_for("mailboxes.show", mailbox_id=saved.key), 303)


def _editor(form: MailboxForm, mailbox: Mailbox | None) -> str:
    is_sending = installation_switch(reading(), MAIL_SENDING)
    return render_template("mailboxes/edit.html", form=form, mailbox=mailbox, is_sending=is_sending)
