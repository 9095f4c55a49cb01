"""What a person sees when something cannot be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from flask import render_template
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from outreach.core.errors import OutreachError
from outreach.web.context import close_reading

if TYPE_CHECKING:
    from flask import Flask

log = structlog.get_logger(__name__)

_TITLES = {
    400: "This request makes no sense",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Not possible here",
    409: "This does not fit any more",
    413: "Too large",
    422: "Something is not right yet",
    429: "Too many tries",
    503: "Not available now",
}


def install_error_pages(app: Flask) -> None:
    """Answer every error with a page in plain words."""

    @app.errorhandler(OutreachError)
    def _ours(error: OutreachError) -> Any:
        if error.status >= 500:
            log.error("refused", error=str(error))
        return _page(error.status, str(error))

    @app.errorhandler(CSRFError)
    def _csrf(_error: CSRFError) -> Any:
        return _page(400, "The form was open for too long. Go back, reload the page and try again.")

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Any:
        status = error.code or 500
        return _page(status, error.description or "", getattr(error, "headers", None))

    @app.errorhandler(Exception)
    def _unforeseen(error: Exception) -> Any:
        log.error("unforeseen", exc_info=error)
        close_reading()
        return render_template("errors/500.html", person=None), 500


def _page(status: int, message: str, headers: Any = None) -> Any:
    title = _TITLES.get(status, "This did not work")
    page = render_template("errors/error.html", heading=title, message=message, status=status)
    return (page, status, headers) if headers else (page, status)
