from __future__ import annotations

import stat
from pathlib import Path

import pytest

from outreach.core.errors import Invalid
from outreach.core.settings import load_settings, secret_key

GOOD_KEY = "k3J-9xQ_7vRz2mWp5tYb8nLc4hDf6sGa"


def test_defaults_are_a_laptop_with_sqlite() -> None:
    settings = load_settings({})
    assert settings.database.startswith("sqlite:///")
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)


def test_a_value_may_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(GOOD_KEY + "\n")
    assert load_settings({"OUTREACH_SECRET_KEY_FILE": str(path)}).secret_key == GOOD_KEY


def test_a_file_that_is_not_there_is_a_clear_sentence() -> None:
    with pytest.raises(Invalid, match="OUTREACH_SECRET_KEY_FILE cannot be read"):
        load_settings({"OUTREACH_SECRET_KEY_FILE": "/nowhere/key"})


@pytest.mark.parametrize("key", ["short", "change-me-change-me-change-me-change", "a" * 40])
def test_a_default_secret_is_refused_outside_development(key: str) -> None:
    with pytest.raises(Invalid, match="too short or a default"):
        load_settings({"OUTREACH_SECRET_KEY": key})
    development = {"OUTREACH_SECRET_KEY": key, "OUTREACH_ENVIRONMENT": "development"}
    assert load_settings(development).secret_key == key


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "http", "must be a whole number"),
        ("ENVIRONMENT", "staging", "production, development or test"),
        ("LOG_FORMAT", "xml", "text or json"),
        ("PUBLIC_URL", "outreach.example", "must begin with https://"),
        ("DATABASE_URL", "mysql://x", "sqlite: or postgresql:"),
    ],
)
def test_nonsense_is_refused_with_the_setting_named(name: str, value: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        load_settings({f"OUTREACH_{name}": value})


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    settings = load_settings({"OUTREACH_DATA_DIR": str(tmp_path)})
    first = secret_key(settings)
    assert secret_key(settings) == first
    assert len(first) >= 48
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


def test_the_settings_never_show_the_secret() -> None:
    assert GOOD_KEY not in repr(load_settings({"OUTREACH_SECRET_KEY": GOOD_KEY}))
