"""Where templates, migrations and seed data are, in a checkout or in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def shipped(name: str) -> Path:
    """Return the folder `templates`, `migrations` or `seed_data`."""
    installed = _PACKAGE / f"_{name}"
    return installed if installed.is_dir() else _PACKAGE.parent / name


def static_folder() -> Path:
    """Return the folder of style sheets and scripts."""
    return _PACKAGE / "static"
