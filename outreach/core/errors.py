"""Errors a person may read: each message is a sentence that says what to do."""

from __future__ import annotations


class OutreachError(Exception):
    """Something a person asked for cannot be done; the message says why."""

    status = 400


class Invalid(OutreachError):
    """What was given does not make sense."""

    status = 422


class NotFound(OutreachError):
    """There is no such thing in this workspace."""

    status = 404


class Forbidden(OutreachError):
    """The person's role does not allow this."""

    status = 403


class Conflict(OutreachError):
    """It would contradict what is already so."""

    status = 409


class Throttled(OutreachError):
    """Too many tries; wait a little."""

    status = 429


class Unavailable(OutreachError):
    """A part we depend on is switched off or does not answer."""

    status = 503
