"""One round of the mail worker, at the play's own time."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING

from outreach.mail.outbox import mailboxes_with_due_mail
from outreach.workflows.compose_pitch import Letterhead
from outreach.workflows.plan_steps import find_due, plan_step
from outreach.workflows.receive_mail import Reception, receive_mail
from outreach.workflows.send_due import Post, send_due

if TYPE_CHECKING:
    from outreach.demo.stage import Stage

_PAUSE = timedelta(minutes=3)
_MOST_PAUSES = 100


def send_round(stage: Stage, *, is_capture: bool) -> int:
    """Plan what is due and send it, letting the clock run over the pauses between mails."""
    letterhead = Letterhead(key=stage.key, public_url=stage.settings.public_url)
    for _workspace_id, enrollment_id in find_due(stage.database, stage.now):
        plan_step(stage.database, stage.scope, enrollment_id, letterhead, stage.now)
    accepted = 0
    sender = stage.sender(is_capture=is_capture)
    with ExitStack() as stack:
        if isinstance(sender, AbstractContextManager):
            stack.enter_context(sender)
        post = Post(
            database=stage.database,
            sender=sender,
            is_capture=is_capture,
            clock=stage.clock,
            worker="demo",
        )
        for _ in range(_MOST_PAUSES):
            accepted += send_due(post, stage.scope, stage.ids["mailbox"])
            with stage.database.system() as session:
                if not mailboxes_with_due_mail(session, now=stage.now):
                    break
            stage.clock.now += _PAUSE
    return accepted


def read_mailbox(stage: Stage) -> int:
    """Read what came, over IMAP, and settle it; return how many mails are new."""
    reception = Reception(database=stage.database, key=stage.key, clock=stage.clock)
    return receive_mail(reception, stage.reader(), stage.scope, stage.ids["mailbox"])
