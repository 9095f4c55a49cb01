"""The outbox: every mail as it will go or went, and decisions about the doubtful."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for

from outreach.accounts.rules import may
from outreach.core.clock import utc_now
from outreach.desk.outbox import OutboxTab, explain, outbox_counts, outbox_page
from outreach.mail.mailboxes import get_mailbox
from outreach.mail.outbox import get_message
from outreach.web.context import reading, requires, role, say, scope, wake
from outreach.web.context import services as web
from outreach.workflows.settle_doubts import cancel_waiting, decide_send_again, decide_was_sent

blueprint = Blueprint("outbox", __name__, url_prefix="/outbox")

_LABELS = {
    OutboxTab.WAITING: "Waiting",
    OutboxTab.IN_DOUBT: "In doubt",
    OutboxTab.SENT: "Sent",
    OutboxTab.CAPTURED: "Captured",
    OutboxTab.NOT_SENT: "Not sent",
}


@dataclass(frozen=True, slots=True)
class _TabLink:
    text: str
    url: str
    is_current: bool
    count: int | None


@blueprint.get("/")
@requires("outbox", "view")
def index() -> Any:
    """List one part of the outbox."""
    session = reading()
    wanted = request.args.get("tab", "")
    tab = OutboxTab(wanted) if wanted in list(OutboxTab) else OutboxTab.WAITING
    counts = outbox_counts(session)
    page = outbox_page(session, tab, now=utc_now(), cursor=request.args.get("after", ""))
    tabs = [
        _TabLink(_LABELS[each], url_for("outbox.index", tab=each), each is tab, counts.get(each))
        for each in OutboxTab
    ]
    may_export = may(role(), "outbox", "export")
    return render_template(
        "outbox/index.html", page=page, tab=tab.value, tabs=tabs, may_export=may_export
    )


@blueprint.get("/<int:outbox_message_id>")
@requires("outbox", "view")
def show(outbox_message_id: int) -> Any:
    """Show one mail exactly as it goes over the wire, and why it is where it is."""
    session = reading()
    message = get_message(session, outbox_message_id)
    mailbox = get_mailbox(session, message.mailbox_id)
    head, _, _ = message.raw.partition(b"\r\n\r\n")
    return render_template(
        "outbox/show.html",
        message=message,
        mailbox=mailbox,
        head=head.decode("ascii", "replace"),
        sentence=explain(session, message, mailbox, now=utc_now()),
        may_edit=may(role(), "outbox", "edit"),
    )


@blueprint.get("/<int:outbox_message_id>/source")
@requires("outbox", "view")
def source(outbox_message_id: int) -> Any:
    """Give the mail's bytes as a file."""
    message = get_message(reading(), outbox_message_id)
    name = f"mail-{message.key}.eml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(message.raw, mimetype="message/rfc822", headers=headers)


@blueprint.post("/<int:outbox_message_id>/decision")
@requires("outbox", "edit")
def decide(outbox_message_id: int) -> Any:
    """Settle a doubt at a person's word."""
    get_message(reading(), outbox_message_id)
    was_sent = request.form.get("decision") == "sent"
    decide_it = decide_was_sent if was_sent else decide_send_again
    if not decide_it(web().database, scope(), outbox_message_id, now=utc_now()):
        say("This mail was settled already.", "warning")
    elif was_sent:
        say("It counts as sent; the sequence goes on from there.", "success")
    else:
        message = get_message(reading(), outbox_message_id)
        wake("mail", "send_mailbox", message.mailbox_id)
        say("It is queued again.", "success")
    return redirect(url_for("outbox.show", outbox_message_id=outbox_message_id), 303)


@blueprint.post("/<int:outbox_message_id>/cancellation")
@requires("outbox", "edit")
def cancel(outbox_message_id: int) -> Any:
    """Take a waiting mail out of the queue; its sequence stops with it."""
    cancel_waiting(web().database, scope(), outbox_message_id, now=utc_now())
    say("The mail is cancelled and its sequence stopped.", "success")
    return redirect(url_for("outbox.show", outbox_message_id=outbox_message_id), 303)
