"""What a background process needs: settings, the database, the keys and the plugs it uses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from outreach.core.db import Database, make_engine
from outreach.core.settings import Settings, secret_key
from outreach.core.tokens import SecretBox

if TYPE_CHECKING:
    from outreach.wiring.plugs import Plugs


@dataclass(frozen=True, slots=True)
class WorkerServices:
    """One background process's services; `plugs` builds what touches the network."""

    settings: Settings
    database: Database
    key: str
    box: SecretBox
    plugs: Plugs
    name: str = field(default="worker")


def worker_services(settings: Settings, plugs: Plugs, *, name: str) -> WorkerServices:
    """Build a worker's services; its commits reach the disk before they return."""
    key = secret_key(settings)
    return WorkerServices(
        settings=settings,
        database=Database(make_engine(settings.database, durable=True)),
        key=key,
        box=SecretBox(key),
        plugs=plugs,
        name=name,
    )
