"""Accepts every mail and hands it to nobody: what a new installation sends with."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from outreach.ports.mail import OutgoingMail


class CaptureSender:
    """Stands where a mail server would; the outbox keeps the bytes, so nothing is lost."""

    @contextmanager
    def offer(self, mail: OutgoingMail) -> Iterator[CapturedMail]:
        """Take the mail."""
        yield CapturedMail(mail.message_id)

    def check_sign_in(self) -> None:
        """There is nobody to sign in to."""


class CapturedMail:
    """A mail that will be accepted."""

    def __init__(self, message_id: str) -> None:
        self._message_id = message_id

    def accept(self) -> str:
        """Say what a server would."""
        return f"250 Captured {self._message_id}; nothing left this machine."
