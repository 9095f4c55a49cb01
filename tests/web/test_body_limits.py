"""Bodies: no form is large, and only who is signed in may send a file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from outreach.web.security import MAX_FORM

if TYPE_CHECKING:
    from flask.testing import FlaskClient

TYPES = ("application/x-www-form-urlencoded", "text/plain", "application/json")
PUBLIC = ("/sign-in", "/unsubscribe/token", "/setup/token", "/invitations/token", "/capture/")
UPLOADS = ("/imports/", "/attachments/")


class Endless(io.RawIOBase):
    """A body that counts what is read of it."""

    def __init__(self) -> None:
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        self.taken += len(buffer)
        buffer[:] = b"a" * len(buffer)
        return len(buffer)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("path", [*PUBLIC, *UPLOADS, "/prospects/"])
def test_a_stranger_sends_no_large_body_and_none_of_it_is_read(
    stranger: FlaskClient, path: str, kind: str
) -> None:
    body = Endless()
    sent = {"wsgi.input": body, "CONTENT_LENGTH": "10000000", "CONTENT_TYPE": kind}
    answer = stranger.post(path, environ_overrides=sent)
    assert answer.status_code == (403 if path in UPLOADS else 413)
    assert body.taken == 0


def test_a_body_without_a_length_is_read_no_further_than_a_form_may_be_long(
    stranger: FlaskClient,
) -> None:
    body = Endless()
    sent = {
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "CONTENT_TYPE": TYPES[0],
        "HTTP_TRANSFER_ENCODING": "chunked",
    }
    stranger.post("/sign-in", environ_overrides=sent)
    assert 0 < body.taken <= 2 * MAX_FORM


def test_a_signed_in_person_sends_large_files_but_no_large_forms(client: FlaskClient) -> None:
    assert client.post("/prospects/", data={"url": "a" * (MAX_FORM + 1)}).status_code == 413
    body = b"a" * (2 * MAX_FORM)
    assert client.post("/imports/", data=body, content_type="text/csv").status_code == 422
