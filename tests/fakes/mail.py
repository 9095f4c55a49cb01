"""A mail server in memory: accepts everything, or does what a test planned for the next mails."""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from outreach.ports.mail import BlameFor, MailDelayed, MailRefused, OutgoingMail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Plan = Exception | Callable[[], None]


@dataclass
class FakeMailSender:
    """Each offer takes one plan "before the dot"; each accept one "at the dot"."""

    sent: list[OutgoingMail] = field(default_factory=list)
    offered: list[OutgoingMail] = field(default_factory=list)
    before_the_dot: deque[Plan] = field(default_factory=deque)
    at_the_dot: deque[Plan] = field(default_factory=deque)

    @contextmanager
    def offer(self, mail: OutgoingMail) -> Iterator[FakePending]:
        self.offered.append(mail)
        _carry_out(self.before_the_dot)
        yield FakePending(self, mail)


@dataclass
class FakePending:
    sender: FakeMailSender
    mail: OutgoingMail

    def accept(self) -> str:
        _carry_out(self.sender.at_the_dot)
        self.sender.sent.append(self.mail)
        return f"250 2.0.0 queued as {len(self.sender.sent)}"


def _carry_out(plans: deque[Plan]) -> None:
    if not plans:
        return
    plan = plans.popleft()
    if isinstance(plan, Exception):
        raise plan
    plan()


def later(code: int | None = 451, *, blame: BlameFor = BlameFor.RECIPIENT) -> MailDelayed:
    return MailDelayed(f"{code} 4.3.0 later", code=code, blame=blame)


def refused(
    reply: str = "550 5.1.1 unknown", *, hard: bool = True, blame: BlameFor = BlameFor.RECIPIENT
) -> MailRefused:
    return MailRefused(reply, code=550, blame=blame, is_hard=hard)
