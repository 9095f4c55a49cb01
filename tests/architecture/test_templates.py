"""Every template compiles, every page has a title, none trusts foreign text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes

TEMPLATES = Path(__file__).parents[2] / "templates"
NAMES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))
_BANNED = re.compile(r"\|\s*safe\b|\bMarkup\(|innerHTML|hx-on|\sstyle=|\son[a-z]+=")


@pytest.fixture(scope="module")
def environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True
    )
    for name in ("when", "moment", "day", "number", "words", "plural"):
        environment.filters[name] = str
    return environment


@pytest.mark.parametrize("name", NAMES)
def test_a_template_compiles(environment: Environment, name: str) -> None:
    source = (TEMPLATES / name).read_text(encoding="utf-8")
    environment.compile(source, name)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_a_title(environment: Environment, name: str) -> None:
    tree = environment.parse((TEMPLATES / name).read_text(encoding="utf-8"))
    is_page = any(True for _ in tree.find_all(nodes.Extends)) and not name.startswith("layouts/")
    titles = [block for block in tree.find_all(nodes.Block) if block.name == "title"]
    assert not is_page or (titles and titles[0].body)


@pytest.mark.parametrize("name", NAMES)
def test_a_template_trusts_no_text_and_styles_nothing_inline(name: str) -> None:
    source = re.sub(
        r"\{#.*?#\}", "", (TEMPLATES / name).read_text(encoding="utf-8"), flags=re.DOTALL
    )
    assert _BANNED.findall(source) == []
