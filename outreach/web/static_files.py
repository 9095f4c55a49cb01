"""Addresses of style sheets and scripts that carry their hash, so browsers keep them for a year."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import request

from outreach.core.paths import static_folder

if TYPE_CHECKING:
    from flask import Flask, Response

_YEAR = 365 * 24 * 3600


def asset_url(path: str) -> str:
    """Return the address of a static file, with its content's hash."""
    return f"{request.script_root}{_versioned(path)}"


def cache_hashed_files(app: Flask) -> None:
    """Let browsers keep what was asked for by hash."""

    @app.after_request
    def _cache(response: Response) -> Response:
        if request.endpoint == "static" and request.args.get("v") and response.status_code == 200:
            response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
        return response


@lru_cache(maxsize=512)
def _versioned(path: str) -> str:
    """Hash a file once a process: a page names sixty, and they change with releases only."""
    digest = hashlib.sha256((static_folder() / path).read_bytes()).hexdigest()
    return f"/static/{path}?v={digest[:8]}"
