"""The HTTP server of the pages."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import structlog
from waitress.server import create_server

if TYPE_CHECKING:
    from types import FrameType

    from flask import Flask

    from outreach.core.settings import Settings

log = structlog.get_logger(__name__)


def serve(app: Flask, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is under way."""
    server = create_server(
        app,
        host=settings.host,
        port=settings.port,
        threads=8,
        ident="",
        max_request_header_size=32_768,
        max_request_body_size=2 * 1024**3,
        channel_timeout=120,
    )

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    log.info("serving", host=settings.host, port=settings.port)
    try:
        server.run()
    finally:
        server.close()
