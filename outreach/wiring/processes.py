"""Builds the services of one background process, with only the plugs it uses."""

from __future__ import annotations

import importlib
import os
import socket
from typing import TYPE_CHECKING

from outreach.wiring.limits import CRAWLER_MEMORY, limit_memory
from outreach.wiring.worker import WorkerServices, worker_services

if TYPE_CHECKING:
    from outreach.core.settings import Settings
    from outreach.wiring.plugs import Plugs


def worker_for(settings: Settings, *, is_crawler: bool) -> WorkerServices:
    """Return the services of the crawler, or of a worker that handles mail and files."""
    if is_crawler:
        limit_memory(CRAWLER_MEMORY)
    name = f"{socket.gethostname()}-{os.getpid()}"
    module = "crawl_plugs" if is_crawler else "mail_plugs"
    # By name: the mail process must never load the crawler's parsers, nor the crawler mail.
    plugs: Plugs = importlib.import_module(f"outreach.wiring.{module}").make_plugs(settings)
    return worker_services(settings, plugs, name=name)
