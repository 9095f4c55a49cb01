"""Serve a WSGI application on a loopback port for as long as a test needs it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from werkzeug.serving import make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@contextmanager
def serve(app: WSGIApplication) -> Iterator[str]:
    """Yield the base URL (no slash at its end) of `app`, served by threads on 127.0.0.1."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    # A browser keeps connections open; their threads must not hold up the end of the test.
    server.daemon_threads = True  # type: ignore[attr-defined]  # only the threaded class has it
    thread = threading.Thread(target=server.serve_forever, name="live-server", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
