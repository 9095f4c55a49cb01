"""Headers on every answer, and the refusal of requests other sites make a browser send."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask import g, request
from werkzeug.exceptions import RequestEntityTooLarge

from outreach.core.errors import Forbidden

if TYPE_CHECKING:
    from flask import Flask, Response

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
# One-click unsubscribe is posted by mail providers: no cookie, no token, no same-site.
CROSS_SITE_ENDPOINTS = {"unsubscribe.confirm"}
# Here a token in a header is the proof, and no cookie counts; the origin is checked all the same.
TOKEN_ENDPOINTS = {"capture.add"}
# Who is signed in may send files here; every other body is a form, and small.
UPLOAD_ENDPOINTS = {"imports.create", "attachments.create"}
MAX_FORM = 1024**2

_TOO_LARGE = "This is more than a form may hold: one megabyte. Send less at once."

STATIC_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def csp_nonce() -> str:
    """Return this request's nonce for scripts."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(18)
    return str(g.csp_nonce)


def content_security_policy() -> str:
    """Only our own scripts, by nonce; no inline style, no frame, no foreign form."""
    return (
        f"default-src 'self'; script-src 'nonce-{csp_nonce()}' 'strict-dynamic'; "
        "style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )


def limit_bodies(app: Flask) -> None:
    """Refuse bodies no form of ours can have, before anything reads them.

    Werkzeug's own limit holds for parts of multipart forms only. To be installed after whoever asks
    is known, and before anything looks for a token in the form.
    """

    @app.before_request
    def _refuse_large_bodies() -> None:
        if request.endpoint in UPLOAD_ENDPOINTS and g.get("signed_in") is not None:
            return
        request.max_content_length = MAX_FORM
        if (request.content_length or 0) > MAX_FORM:
            if request.endpoint in UPLOAD_ENDPOINTS:
                raise Forbidden("Sign in before you send a file.")
            raise RequestEntityTooLarge(_TOO_LARGE)


def protect(app: Flask, *, is_https: bool) -> None:
    """Install the checks before and the headers after every request."""

    @app.before_request
    def _refuse_cross_site() -> None:
        if request.method in _SAFE_METHODS or request.endpoint in CROSS_SITE_ENDPOINTS:
            return
        site = request.headers.get("Sec-Fetch-Site", "none")
        origin = request.headers.get("Origin")
        if site not in {"same-origin", "none"} or (
            origin not in {None, "null"} and origin != request.host_url.rstrip("/")
        ):
            raise Forbidden("This request came from another site and was not carried out.")

    @app.after_request
    def _add_headers(response: Response) -> Response:
        for name, value in STATIC_HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", content_security_policy())
        if is_https:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if g.get("signed_in") is not None and request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response
