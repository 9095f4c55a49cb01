from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from outreach.core.logging import configure_logging, redact_text
from outreach.core.settings import Settings

ADDRESS, TOKEN, PASSWORD = "ana.b@news.example", "Zm9vYmFyYmF6cXV4MTIzNDU2", "hunter2-hunter2"


@pytest.fixture
def logs(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logging(Settings(log_format="json"))
    yield
    configure_logging(Settings(environment="test"))
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    "text",
    [
        f"mail to {ADDRESS} refused",
        f"GET https://x.example/p?token={TOKEN}",
        f"Authorization: Bearer {TOKEN}",
        f"password={PASSWORD}",
        f"/u/{TOKEN} opened",
        f"/setup/{TOKEN}",
    ],
)
def test_addresses_tokens_and_passwords_are_blanked(text: str) -> None:
    shown = redact_text(text)
    assert not any(secret in shown for secret in (ADDRESS, TOKEN, PASSWORD))


def test_no_way_of_logging_keeps_a_secret(logs: None, capsys: pytest.CaptureFixture[str]) -> None:
    log = structlog.get_logger("test")
    log.info("sent", to=ADDRESS, url=f"https://x.example/?k={TOKEN}", password=PASSWORD)
    logging.getLogger("library").warning("mail to %s with token=%s", ADDRESS, TOKEN)
    try:
        int(f"{ADDRESS} password={PASSWORD}")
    except ValueError:
        log.exception("failed")
        logging.getLogger("library").exception("failed too")
    shown = capsys.readouterr().err
    assert shown.count("\n") == 4
    assert not any(secret in shown for secret in (ADDRESS, TOKEN, PASSWORD))


def test_a_line_break_in_a_value_stays_in_its_line(
    logs: None, capsys: pytest.CaptureFixture[str]
) -> None:
    structlog.get_logger("test").info("title", value="a\r\nlevel=error event=forged \x1b[31m")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert json.loads(lines[0])["event"] == "title"
