"""The inbox: what waits, one conversation with its history, and mail nobody could place."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for

from outreach.accounts.rules import may
from outreach.core.clock import utc_now
from outreach.core.errors import Invalid
from outreach.desk.conversation import ConversationView, conversation_view
from outreach.desk.inbox import InboxFilter, inbox_page, suggestions_for, waiting_counts
from outreach.mail.conversations import get_conversation
from outreach.mail.inbox import get_inbound, whole_text_of
from outreach.mail.words import InboundKind, InboundState
from outreach.reminders.rules import checked_moment
from outreach.web.annotations import annotation_context
from outreach.web.context import reading, requires, role, say, scope, services, wake
from outreach.web.filters import moment, words
from outreach.web.forms.conversations import AnswerForm, AssignmentForm, KindForm, OutcomeForm
from outreach.web.forms.reminders import SnoozeForm
from outreach.web.reminders import snooze_choices, zone_of_person
from outreach.workflows import answer_mail

blueprint = Blueprint("conversations", __name__, url_prefix="/conversations")

_TABS = (("", "All"), ("triage", "Triage"), ("open", "Waiting"), ("handled", "Handled"))
_SEND_TASK = "send_mailbox"


@blueprint.get("/")
@requires("conversation", "view")
def index() -> Any:
    """List mail: what nobody could place first, then what waits, then what is handled."""
    state, kind = request.args.get("show", ""), request.args.get("kind", "")
    wanted = InboxFilter(
        state=InboundState(state) if state in list(InboundState) else None,
        kind=InboundKind(kind) if kind in list(InboundKind) else None,
    )
    counts = waiting_counts(reading())
    tabs = [
        {
            "text": text,
            "url": url_for("conversations.index", show=name or None, kind=kind or None),
            "is_current": name == (wanted.state or ""),
            "count": counts.get(InboundState(name), 0) if name in {"triage", "open"} else None,
        }
        for name, text in _TABS
    ]
    page = inbox_page(reading(), wanted, cursor=request.args.get("after", ""))
    return render_template(
        "conversations/index.html",
        page=page,
        wanted=wanted,
        tabs=tabs,
        kinds=list(InboundKind),
        may_edit=may(role(), "conversation", "edit"),
    )


@blueprint.get("/<int:conversation_id>")
@requires("conversation", "view")
def show(conversation_id: int) -> Any:
    """Show everything said with a company, and what may come next."""
    return _page(conversation_view(reading(), conversation_id), AnswerForm(formdata=None))


@blueprint.post("/<int:conversation_id>/answers")
@requires("conversation", "edit")
def answer(conversation_id: int) -> Any:
    """Queue an answer in the thread."""
    view = conversation_view(reading(), conversation_id)
    form = AnswerForm()
    if not form.validate():
        return _page(view, form), 422
    web = services()
    try:
        sent = answer_mail.answer(
            web.database, scope(), conversation_id, form.text.data or "", key=web.key, now=utc_now()
        )
    except Invalid as problem:
        form.text.errors = [str(problem)]
        return _page(view, form), 422
    wake("mail", _SEND_TASK, sent.mailbox_id)
    say(f"Your answer to {sent.recipient} is on its way.", "success")
    return redirect(url_for("conversations.show", conversation_id=conversation_id), 303)


@blueprint.post("/<int:conversation_id>/outcome")
@requires("conversation", "edit")
def decide(conversation_id: int) -> Any:
    """Set what came of it; what waited there is handled."""
    get_conversation(reading(), conversation_id)
    form = OutcomeForm()
    if not form.validate():
        raise Invalid("Choose one of the outcomes.")
    stage = form.to_stage()
    handled = answer_mail.decide_outcome(
        services().database,
        scope(),
        conversation_id,
        stage,
        now=utc_now(),
        reason=form.reason.data or "",
    )
    _say_handled(f"{words(stage).capitalize()}.", conversation_id, handled)
    return redirect(url_for("conversations.index"), 303)


@blueprint.post("/<int:conversation_id>/handling")
@requires("conversation", "edit")
def handle(conversation_id: int) -> Any:
    """Mark what waits in a conversation as handled."""
    handled = answer_mail.mark_handled(services().database, scope(), conversation_id)
    _say_handled("Handled.", conversation_id, handled)
    return redirect(_back(), 303)


@blueprint.post("/<int:conversation_id>/reopening")
@requires("conversation", "edit")
def reopen(conversation_id: int) -> Any:
    """Undo that a conversation was handled or put off."""
    get_conversation(reading(), conversation_id)
    reminder_id = request.args.get("reminder", type=int)
    messages = [int(part) for part in request.args.get("mails", "").split(",") if part.isdecimal()]
    answer_mail.bring_back(services().database, scope(), messages, reminder_id)
    say("It waits again.", "success")
    return redirect(url_for("conversations.show", conversation_id=conversation_id), 303)


@blueprint.get("/<int:conversation_id>/snooze")
@requires("conversation", "edit")
def ask_snooze(conversation_id: int) -> Any:
    """Ask until when a conversation is put off."""
    return _snooze_page(conversation_view(reading(), conversation_id))


@blueprint.post("/<int:conversation_id>/snooze")
@requires("conversation", "edit")
def snooze(conversation_id: int) -> Any:
    """Put a conversation off; a reminder brings it back."""
    view = conversation_view(reading(), conversation_id)
    try:
        until = checked_moment(SnoozeForm().to_moment(utc_now(), zone_of_person()), utc_now())
    except Invalid as problem:
        return _snooze_page(view, str(problem)), 422
    done = answer_mail.put_off(services().database, scope(), conversation_id, until, who=view.who)
    said = f"Put off until {moment(until)}."
    _say_handled(said, conversation_id, done.message_ids, reminder=done.reminder_id)
    return redirect(url_for("today.show"), 303)


@blueprint.get("/mails/<int:inbound_message_id>")
@requires("conversation", "view")
def show_mail(inbound_message_id: int) -> Any:
    """Show one incoming mail whole, and where it may belong."""
    message = get_inbound(reading(), inbound_message_id)
    search = request.args.get("q", "").strip()[:200]
    return render_template(
        "conversations/mail.html",
        message=message,
        text=whole_text_of(message),
        suggestions=suggestions_for(reading(), message, words=search),
        search=search,
        kinds=answer_mail.KINDS_TO_CHOOSE,
        may_edit=may(role(), "conversation", "edit"),
    )


@blueprint.get("/mails/<int:inbound_message_id>/source")
@requires("conversation", "view")
def source(inbound_message_id: int) -> Any:
    """Hand out the very bytes that came, as a file to keep."""
    message = get_inbound(reading(), inbound_message_id)
    return Response(
        message.raw,
        mimetype="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="mail-{message.key}.eml"'},
    )


@blueprint.post("/mails/<int:inbound_message_id>/assignment")
@requires("conversation", "edit")
def assign(inbound_message_id: int) -> Any:
    """Say which conversation a mail belongs to."""
    get_inbound(reading(), inbound_message_id)
    form, web = AssignmentForm(), services()
    if not form.validate():
        raise Invalid("Choose a conversation.")
    conversation_id = form.conversation_id.data or 0
    answer_mail.assign_conversation(
        web.database, scope(), inbound_message_id, conversation_id, key=web.key, now=utc_now()
    )
    say("The mail is part of this conversation now.", "success")
    return redirect(url_for("conversations.show", conversation_id=conversation_id), 303)


@blueprint.post("/mails/<int:inbound_message_id>/kind")
@requires("conversation", "edit")
def correct(inbound_message_id: int) -> Any:
    """Say what a mail really is."""
    get_inbound(reading(), inbound_message_id)
    form, web = KindForm(), services()
    if not form.validate():
        raise Invalid("Choose what the mail is.")
    answer_mail.correct_kind(
        web.database, scope(), inbound_message_id, form.to_kind(), key=web.key, now=utc_now()
    )
    say(f"The mail counts as {words(form.to_kind())} now.", "success")
    return redirect(url_for("conversations.show_mail", inbound_message_id=inbound_message_id), 303)


@blueprint.post("/mails/<int:inbound_message_id>/dismissal")
@requires("conversation", "edit")
def dismiss(inbound_message_id: int) -> Any:
    """Put a mail aside that is about nothing here."""
    answer_mail.dismiss(services().database, scope(), inbound_message_id)
    undo = url_for("conversations.recall", inbound_message_id=inbound_message_id)
    say("Put aside.", "success", undo_url=undo)
    return redirect(_back(), 303)


@blueprint.post("/mails/<int:inbound_message_id>/recall")
@requires("conversation", "edit")
def recall(inbound_message_id: int) -> Any:
    """Undo that a mail was put aside."""
    get_inbound(reading(), inbound_message_id)
    answer_mail.bring_back(services().database, scope(), [inbound_message_id])
    say("The mail waits again.", "success")
    return redirect(url_for("conversations.show_mail", inbound_message_id=inbound_message_id), 303)


def _page(view: ConversationView, form: AnswerForm) -> str:
    whole = request.args.get("whole", type=int)
    shown = next((mail for mail in view.mails if mail.is_inbound and mail.id == whole), None)
    text = whole_text_of(get_inbound(reading(), shown.id)) if shown else ""
    return render_template(
        "conversations/show.html",
        view=view,
        form=form,
        whole=shown.id if shown else None,
        whole_text=text,
        may_edit=may(role(), "conversation", "edit"),
        **annotation_context("conversation", view.conversation.key),
    )


def _snooze_page(view: ConversationView, problem: str = "") -> str:
    conversation_id = view.conversation.key
    return render_template(
        "reminders/snooze.html",
        title=f"{view.who}: {view.conversation.subject}",
        action=url_for("conversations.snooze", conversation_id=conversation_id),
        choices=snooze_choices(utc_now()),
        form=SnoozeForm(),
        problem=problem,
        back=url_for("conversations.show", conversation_id=conversation_id),
    )


def _say_handled(
    text: str, conversation_id: int, handled: list[int], *, reminder: int | None = None
) -> None:
    undo = None
    if handled or reminder:
        undo = url_for(
            "conversations.reopen",
            conversation_id=conversation_id,
            mails=",".join(map(str, handled)),
            reminder=reminder,
        )
    say(text, "success", undo_url=undo)


def _back() -> str:
    is_today = request.args.get("from") == "today"
    return url_for("today.show" if is_today else "conversations.index")
