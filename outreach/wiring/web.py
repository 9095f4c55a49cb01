"""What the web process needs: settings, the database and the keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.core.db import Database, make_engine
from outreach.core.settings import Settings, secret_key
from outreach.core.tokens import SecretBox

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class WebServices:
    """The web process's own plugs; `wake` tells a queue that a row waits, if it can be told."""

    settings: Settings
    database: Database
    key: str
    box: SecretBox
    wake: Callable[[str, str, int, int], None]


def web_services(settings: Settings, wake: Callable[[str, str, int, int], None]) -> WebServices:
    """Build the web process's services; `wake` takes queue, task, workspace id and row id."""
    key = secret_key(settings)
    return WebServices(
        settings=settings,
        database=Database(make_engine(settings.database)),
        key=key,
        box=SecretBox(key),
        wake=wake,
    )
