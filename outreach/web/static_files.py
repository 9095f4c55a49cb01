"""Addresses of style sheets and scripts that carry their hash, so browsers keep them for a year."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import request, url_for

from outreach.core.paths import static_folder

if TYPE_CHECKING:
    from flask import Flask, Response

_YEAR = 365 * 24 * 3600


def asset_url(path: str) -> str:
    """Return the address of a static file, with its content's hash."""
    return url_for("static", filename=path, v=_hash_of(path, _changed_at(path)))


def cache_hashed_files(app: Flask) -> None:
    """Let browsers keep what was asked for by hash."""

    @app.after_request
    def _cache(response: Response) -> Response:
        if request.endpoint == "static" and request.args.get("v") and response.status_code == 200:
            response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
        return response


def _changed_at(path: str) -> float:
    return (static_folder() / path).stat().st_mtime


@lru_cache(maxsize=512)
def _hash_of(path: str, _changed_at: float) -> str:
    return hashlib.sha256((static_folder() / path).read_bytes()).hexdigest()[:12]
