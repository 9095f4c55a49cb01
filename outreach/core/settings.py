"""Settings of this installation, read once from the environment.

Every `OUTREACH_X` may instead be given as `OUTREACH_X_FILE`, the path of a file that holds it.
docs/settings.md lists them all; a test compares the two.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from outreach.core.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "OUTREACH_"
_KEY_FILE = "secret.key"


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator decides before the process starts."""

    data_dir: Path = Path("var")
    database_url: str = ""
    secret_key: str = field(default="", repr=False)
    environment: str = "production"
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    trusted_proxies: int = 0
    log_level: str = "INFO"
    log_format: str = "text"
    allowed_private_hosts: str = ""
    crawl_contact_url: str = ""

    @property
    def is_development(self) -> bool:
        """True on a developer's machine, where a known secret is accepted."""
        return self.environment == "development"

    @property
    def database(self) -> str:
        """The database's URL; a SQLite file in the data directory unless one is named."""
        return self.database_url or f"sqlite:///{self.data_dir / 'outreach.db'}"

    @property
    def queue_path(self) -> Path:
        """The job queue's own SQLite file."""
        return self.data_dir / "queue.db"

    @property
    def is_https(self) -> bool:
        """True when people reach the app over TLS, so cookies can demand it."""
        return urlsplit(self.public_url).scheme == "https"

    @property
    def private_hosts(self) -> frozenset[str]:
        """Hosts (or host:port) whose private addresses an operator has opened to us."""
        return frozenset(
            part.strip() for part in self.allowed_private_hosts.split(",") if part.strip()
        )


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings.

    Raises:
        Invalid: A value makes no sense, or a secret is missing, default or too short.
    """
    environ = os.environ if environ is None else environ
    given: dict[str, str] = {}
    for item in fields(Settings):
        value = _value_of(environ, PREFIX + item.name.upper())
        if value is not None:
            given[item.name] = value
    settings = Settings(
        data_dir=Path(given.pop("data_dir", "var")).absolute(),
        port=_whole_number(given.pop("port", "8000"), "OUTREACH_PORT"),
        trusted_proxies=_whole_number(
            given.pop("trusted_proxies", "0"), "OUTREACH_TRUSTED_PROXIES"
        ),
        **given,
    )
    _refuse_nonsense(settings)
    return settings


def secret_key(settings: Settings) -> str:
    """Return the key that signs and encrypts, making one beside the database on first use.

    The key lies outside the database, so a stolen database or backup opens no mailbox.
    """
    if settings.secret_key:
        return settings.secret_key
    path = settings.data_dir / _KEY_FILE
    if not path.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=settings.data_dir)  # readable by the owner only
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # the first process to get here wins
        Path(draft).unlink()
    return path.read_text().strip()


def _value_of(environ: Mapping[str, str], name: str) -> str | None:
    path = environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise Invalid(f"{name}_FILE cannot be read: {error.strerror}.") from error
    return environ.get(name)


def _whole_number(text: str, name: str) -> int:
    if not text.isdigit():
        raise Invalid(f"{name} must be a whole number, not {text!r}.")
    return int(text)


def _refuse_nonsense(settings: Settings) -> None:
    key = settings.secret_key
    weak = key and (len(key) < 32 or len(set(key)) < 10 or "change" in key.lower())
    if weak and not settings.is_development:
        raise Invalid(
            "OUTREACH_SECRET_KEY is too short or a default. Give 32 random characters or more, "
            "or leave it out and one is made in the data directory."
        )
    if settings.environment not in {"production", "development", "test"}:
        raise Invalid("OUTREACH_ENVIRONMENT must be production, development or test.")
    if settings.log_format not in {"text", "json"}:
        raise Invalid("OUTREACH_LOG_FORMAT must be text or json.")
    if settings.public_url and urlsplit(settings.public_url).scheme not in {"http", "https"}:
        raise Invalid(
            "OUTREACH_PUBLIC_URL must begin with https:// (or http:// on a test machine)."
        )
    scheme = settings.database.split(":", 1)[0].split("+", 1)[0]
    if scheme not in {"sqlite", "postgresql"}:
        raise Invalid("OUTREACH_DATABASE_URL must be a sqlite: or postgresql: URL.")
