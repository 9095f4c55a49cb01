"""The web application, built from its services."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Flask, g, get_flashed_messages, request, url_for
from flask_wtf.csrf import CSRFProtect, generate_csrf
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from outreach.accounts.queries import find_signed_in
from outreach.accounts.rules import LAST_SEEN_EVERY
from outreach.accounts.services import note_seen
from outreach.core.clock import utc_now
from outreach.core.db import SYSTEM
from outreach.core.paths import shipped, static_folder
from outreach.core.tokens import derived_key
from outreach.web.auth import session_cookie
from outreach.web.blueprints import BLUEPRINTS
from outreach.web.context import close_reading, services
from outreach.web.errors import install_error_pages
from outreach.web.filters import install_filters
from outreach.web.frame import install_frame
from outreach.web.security import (
    CROSS_SITE_ENDPOINTS,
    TOKEN_ENDPOINTS,
    csp_nonce,
    limit_bodies,
    protect,
)
from outreach.web.static_files import asset_url, cache_hashed_files

if TYPE_CHECKING:
    from outreach.wiring.web import WebServices

MAX_UPLOAD = 2 * 1024**3  # delimited text is streamed to disk


def create_app(web: WebServices) -> Flask:
    """Build the application.

    Raises:
        LookupError: A route names nobody who may use it.
    """
    app = Flask(
        "outreach", static_folder=str(static_folder()), template_folder=str(shipped("templates"))
    )
    app.extensions["outreach"] = web
    _configure(app, web)
    protect(app, is_https=web.settings.is_https)
    cache_hashed_files(app)
    app.before_request(_recognise_person)
    limit_bodies(app)
    csrf = CSRFProtect(app)
    app.teardown_request(close_reading)
    app.context_processor(_layout)
    install_filters(app)
    install_frame(app)
    install_error_pages(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for endpoint in (CROSS_SITE_ENDPOINTS | TOKEN_ENDPOINTS) & set(app.view_functions):
        csrf.exempt(app.view_functions[endpoint])
    _refuse_unguarded(app)
    if web.settings.trusted_proxies:
        hops = web.settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    return app


def _configure(app: Flask, web: WebServices) -> None:
    https = web.settings.is_https
    app.config.update(
        SECRET_KEY=derived_key(web.key, "flask-session").hex(),
        SESSION_COOKIE_NAME="__Host-outreach" if https else "outreach",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        MAX_CONTENT_LENGTH=MAX_UPLOAD,
        MAX_FORM_MEMORY_SIZE=500_000,
        MAX_FORM_PARTS=1000,
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_SSL_STRICT=https,
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["asset_url"] = asset_url


def _recognise_person() -> None:
    """Find out who asks, and keep their session open; a stranger stays a stranger."""
    g.signed_in = None
    token = request.cookies.get(session_cookie())
    if request.endpoint == "static" or not token:
        return
    database, now = services().database, utc_now()
    with database.reading(SYSTEM) as session:
        g.signed_in = find_signed_in(session, token, now=now)
    if g.signed_in is not None and now - g.signed_in.last_seen_at > LAST_SEEN_EVERY:
        with database.system() as session:
            note_seen(session, g.signed_in.session_id, now=now)


def _layout() -> dict[str, Any]:
    """What every page's layout counts on beside its frame; docs/design.md lists it."""
    found = g.get("signed_in")
    return {
        "person": found.user if found else None,
        "workspace": found.workspace if found else None,
        "csp_nonce": csp_nonce(),
        "csrf_token": generate_csrf,
        "flashes": _flashes(),
        "search_url": url_for("search.show") if found and found.workspace else "",
        "search_text": request.args.get("q", "") if request.endpoint == "search.show" else "",
    }


def _flashes() -> list[Any]:
    """What `web.context.say` left for this page."""
    return list(get_flashed_messages())


def _refuse_unguarded(app: Flask) -> None:
    """Refuse to start with a route that names nobody who may use it."""
    bare = [
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint != "static" and not hasattr(view, "policy")
    ]
    if bare:
        raise LookupError(f"These routes say nothing of who may use them: {', '.join(bare)}")
