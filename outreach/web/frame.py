"""What stands around every page, drawn once and kept: head, rail, bottom bar, dialogs.

Each part is a function of its `Frame` and of where the app is mounted. What changes with every
request, the nonce and the token of forms, is put in for two marks.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from flask import current_app, g, request, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from outreach.web.context import find_signed_in
from outreach.web.navigation import navigation
from outreach.web.security import csp_nonce

if TYPE_CHECKING:
    from flask import Flask
    from jinja2 import Environment

    from outreach.accounts.queries import SignedIn
    from outreach.web.navigation import Item

_ENDPOINTS = {
    "search_url": "search.show", "profile_url": "profile.edit", "sign_out_url": "auth.sign_out",
    "switch_workspace_url": "workspaces.switch",
}  # fmt: skip
# Nobody can write these into a name: they are new in each process.
_NONCE, _TOKEN = secrets.token_hex(12), secrets.token_hex(12)


@dataclass(frozen=True, slots=True)
class Named:
    """A person or a workspace as the frame shows it."""

    id: int
    name: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """All that the frame of a page depends on, by value: equal frames are drawn once."""

    person: Named | None = None
    workspace: Named | None = None
    workspaces: tuple[Named, ...] = ()
    navigation: tuple[Item, ...] = ()
    search_url: str = ""
    profile_url: str = ""
    sign_out_url: str = ""
    switch_workspace_url: str = ""


_NOBODY = Frame()


def _frame() -> Frame:
    """Gather the frame of whoever asks, once; a part of a page never asks for it."""
    if "frame" not in g:
        found = find_signed_in()
        g.frame = _frame_of(found) if found else _NOBODY
    return cast("Frame", g.frame)


def _frame_of(found: SignedIn) -> Frame:
    urls = _urls(current_app._get_current_object(), request.script_root)  # type: ignore[attr-defined]  # noqa: SLF001
    user, workspace = found.user, found.workspace
    return Frame(
        person=Named(user.key, user.name, user.email),
        workspace=Named(workspace.key, workspace.name) if workspace else None,
        workspaces=tuple(Named(key, name) for key, name in found.workspaces),
        navigation=navigation(),
        search_url=urls["search_url"] if workspace else "",
        profile_url=urls["profile_url"],
        sign_out_url=urls["sign_out_url"],
        switch_workspace_url=urls["switch_workspace_url"],
    )


@lru_cache(maxsize=8)
def _urls(_app: Flask, _script_root: str) -> dict[str, str]:
    return {name: url_for(endpoint) for name, endpoint in _ENDPOINTS.items()}


def frame_part(name: str, *, for_all: bool = False) -> Markup:
    """Return a part of the frame; `for_all` if it is the same for everybody."""
    frame = _NOBODY if for_all else _frame()
    text = _drawn(current_app.jinja_env, name, request.script_root, frame)
    return Markup(text.replace(_NONCE, csp_nonce()).replace(_TOKEN, generate_csrf()))  # noqa: S704


@lru_cache(maxsize=512)
def _drawn(environment: Environment, name: str, _script_root: str, frame: Frame) -> str:
    shown = {field.name: getattr(frame, field.name) for field in fields(frame)}
    template = environment.get_template(name)
    text = template.render(shown, csp_nonce=_NONCE, csrf_token=lambda: _TOKEN)
    return re.sub(r"\n\s+", "\n", text)  # indents are a tenth of it; nothing is preformatted


def install_frame(app: Flask) -> None:
    """Let templates ask for the parts of the frame."""
    app.jinja_env.globals["frame_part"] = frame_part
