"""Sizes that keep the code readable."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "outreach"
LONGEST_MODULE, LONGEST_FUNCTION = 400, 50
LONGEST_TEMPLATE, LONGEST_CSS, LONGEST_JS = 200, 300, 100


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _too_long(pattern: str, folder: Path, limit: int) -> dict[str, int]:
    found = {str(path.relative_to(ROOT)): _lines(path) for path in folder.rglob(pattern)}
    assert found, f"nothing matches {pattern} in {folder}"
    return {name: count for name, count in found.items() if count > limit}


def test_no_module_is_too_long() -> None:
    assert _too_long("*.py", PACKAGE, LONGEST_MODULE) == {}


def test_no_function_is_too_long() -> None:
    long = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    long[f"{path.relative_to(ROOT)}:{node.name}"] = length
    assert long == {}


def test_no_template_style_sheet_or_script_is_too_long() -> None:
    assert _too_long("*.html", ROOT / "templates", LONGEST_TEMPLATE) == {}
    assert _too_long("*.css", PACKAGE / "static" / "css", LONGEST_CSS) == {}
    assert _too_long("*.js", PACKAGE / "static" / "js", LONGEST_JS) == {}
