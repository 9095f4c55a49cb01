"""Nothing vendored changes unseen, nothing is added unlisted, every folder carries its licence."""

from __future__ import annotations

import hashlib
import re

from outreach.core.paths import shipped, static_folder

VENDOR = static_folder() / "vendor"
CHECKSUMS = VENDOR / "CHECKSUMS.txt"
UNLISTED = {"CHECKSUMS.txt", "README.md"}


def listed() -> dict[str, str]:
    """Read the list: path below vendor/ to SHA-256, written as `sha256sum` writes it."""
    lines = CHECKSUMS.read_text(encoding="utf-8").splitlines()
    return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}


def test_every_vendored_file_has_the_checksum_it_came_with() -> None:
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name not in UNLISTED
    }
    assert found == listed()


def test_every_vendored_folder_carries_its_licence() -> None:
    folders = [path for path in VENDOR.iterdir() if path.is_dir()]
    assert folders
    assert [folder.name for folder in folders if not (folder / "LICENSE").is_file()] == []


def test_every_icon_a_template_or_module_names_is_in_the_sprite() -> None:
    (sprite,) = (VENDOR / "lucide").glob("icons-*.svg")
    known = set(re.findall(r'<symbol id="([\w-]+)"', sprite.read_text(encoding="utf-8")))
    named = re.compile(r"""(?:\bicon\(|icon_name=|["']icon["']: )["']([\w-]+)["']""")
    used = {
        (path.name, icon)
        for path in shipped("templates").rglob("*.html")
        for icon in named.findall(path.read_text(encoding="utf-8"))
    }
    assert len(used) > 20
    assert sorted(where for where in used if where[1] not in known) == []
