"""Pages made to cost us time or memory."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.reading import Unreadable, read
from outreach.reading.shape import check_shape


def _cost(html: bytes) -> float:
    started = time.process_time()
    read(html, url="https://x.example/", final_url="https://x.example/", status=200)
    return time.process_time() - started


def _many(pattern: str, count: int) -> bytes:
    return "".join(pattern.replace("#", str(n)) for n in range(count)).encode()


REFUSED = {
    "nested blocks": lambda: b"<div>" * 20_000,
    "nested sections": lambda: b"<section>" * 20_000,
    "open spans before blocks": lambda: b"<span>" * 20_000 + b"<hr>" * 20_000,
    "items of two kinds of list": lambda: b"<li><dd>" * 20_000,
    "unknown elements": lambda: b"<x-y>" * 20_000,
    "formatting left open": lambda: _many("<b id=#><p>", 2_000),
    "formatting closed only in attributes": lambda: _many("<b id=# title='</b>'><p>", 2_000),
    "formatting closed only in comments": lambda: _many("<i id=#><p><!-- </i> -->", 2_000),
    "formatting closed only in scripts": lambda: _many("<u id=#><p><script>'</u>'</script>", 2_000),
    "large formatting left open": lambda: b"<b title='" + b"x" * 80_000 + b"'>" + b"<p>" * 1_400,
    "an endless attribute": lambda: b'<a "' * 250_000,
    "very many attributes": lambda: b"<p " + _many("a#=1 ", 100_000) + b">",
    "very many attributes in a script": lambda: b"<script " + _many("a#=1 ", 100_000) + b">",
    "formatting closed beforehand": lambda: b"</b>" * 2_000 + _many("<b id=#><p>", 2_000),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_shape_that_makes_the_parser_work_squared_is_refused(case: str) -> None:
    started = time.process_time()
    with pytest.raises(Unreadable):
        check_shape(REFUSED[case]())
    assert time.process_time() - started < 0.5


BORNE: dict[str, Callable[[], bytes]] = {
    "nesting below the guard": lambda: b"<div>" * 1_400,
    "a hundred thousand empty elements": lambda: b"<p>x</p>" * 100_000,
    "ten thousand links in one block": lambda: b"<p>" + b"<a href='/x'>y</a> " * 10_000,
    "ten thousand list items": lambda: b"<ul>" + b"<li><a href='/x'>y</a>" * 10_000,
    "nested lists": lambda: b"<ul><li><a href=/x>y</a>" * 400 + b"<p>x",
    "a megabyte of class": lambda: b"<div class='" + b"related " * 130_000 + b"'><a href=/x>y</a>",
    "a megabyte of style": lambda: b"<a href=/x style='" + b"left :" * 170_000 + b"'>y</a>",
    "a megabyte of almost-addresses": lambda: b"<p>" + b"a.b-c@d-e." * 100_000,
    "a megabyte of almost-disguises": lambda: b"<p>" + b"a at b dot " * 90_000,
    "a megabyte of one word": lambda: b"<p>" + b"a" * 1_000_000 + b"@",
    "a megabyte of spaces": lambda: b"<title>" + b" " * 1_000_000 + b"</title><p>x",
    "unclosed comments": lambda: b"<!--" * 250_000,
    "unclosed scripts": lambda: b"<script" * 150_000,
    "unclosed meta": lambda: b"<meta charset" * 2_000 + b"\xff",
    "a megabyte of rel": lambda: b"<a href=/x rel='" + b"a," * 500_000 + b"'>y</a>",
    "no known charset": lambda: bytes(range(128, 256)) * 8_000,
}


@pytest.mark.parametrize("case", BORNE)
def test_a_large_odd_page_is_read_in_bounded_time(case: str) -> None:
    html = BORNE[case]()
    assert _cost(html) < 3.0


def test_a_monster_is_read_in_part_and_says_so() -> None:
    facts = read(
        b"<p>x</p>" * 100_000, url="https://x.example/", final_url="https://x.example/", status=200
    )
    assert facts.is_truncated


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_no_bytes_make_reading_fail(body: bytes) -> None:
    facts = read(body, url="https://x.example/", final_url="https://x.example/", status=200)
    assert facts.body == body


_PARTS = """
<div> </div> <p> <a~href=/x> <a~href=http://y.example> </a> <ul> <li> <table> <td> <b> </b>
text, a@b.org <img~alt=i> <br> <!-- --> <script> </script> <form> <footer> <svg> <title>
<base~href=//z.example> <p~class=comments> <template> &amp; é
"""
_MARKUP = st.lists(st.sampled_from(_PARTS.split()), max_size=60)


@given(_MARKUP)
@settings(max_examples=150, deadline=None)
def test_no_order_of_tags_makes_reading_fail(parts: list[str]) -> None:
    html = "".join(parts).replace("~", " ").encode()
    facts = read(html, url="https://x.example/", final_url="https://x.example/", status=200)
    assert all(link.url.startswith("http") for link in facts.links)
    assert [link.position for link in facts.links] == list(range(len(facts.links)))
