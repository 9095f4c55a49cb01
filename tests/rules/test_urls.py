from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.core.urls import (
    LONGEST_ADDRESS,
    page_key,
    parse_address,
    parse_domain,
    registrable_domain,
)


@pytest.mark.parametrize(
    ("text", "url", "key"),
    [
        ("example.com", "https://example.com/", "example.com"),
        ("//example.com/a", "https://example.com/a", "example.com/a"),
        ("HTTP://EXAMPLE.com:80/A", "http://example.com/A", "example.com/A"),
        ("https://example.com:443/", "https://example.com/", "example.com"),
        ("https://example.com:8443/a/", "https://example.com:8443/a/", "example.com:8443/a"),
        ("example.com:8080/a", "https://example.com:8080/a", "example.com:8080/a"),
        ("https://example.com/a/./b/../c", "https://example.com/a/c", "example.com/a/c"),
        ("https://example.com/a/%2e%2e/b", "https://example.com/b", "example.com/b"),
        ("https:\\\\example.com\\a", "https://example.com/a", "example.com/a"),
        ("https://example.com./a", "https://example.com/a", "example.com/a"),
        ("https://example.com/a b", "https://example.com/a%20b", "example.com/a%20b"),
        ("https://example.com#top", "https://example.com/", "example.com"),
        ("https://example.com/?", "https://example.com/?", "example.com"),
        ("https://example.com?b=2&a=1", "https://example.com/?b=2&a=1", "example.com?a=1&b=2"),
        ("x.co/http://y.com", "https://x.co/http://y.com", "x.co/http://y.com"),
        ("https://faß.de/ü", "https://xn--fa-hia.de/%C3%BC", "xn--fa-hia.de/%C3%BC"),
        ("https://faß.de/%c3%bc", "https://xn--fa-hia.de/%c3%bc", "xn--fa-hia.de/%C3%BC"),
        ("http://ＧＯ.com", "http://go.com/", "go.com"),
        ("https://例え.jp/", "https://xn--r8jz45g.jp/", "xn--r8jz45g.jp"),
        ("https://a_b.example.com/", "https://a_b.example.com/", "a_b.example.com"),
        ("https://www.example.com/x/", "https://www.example.com/x/", "example.com/x"),
        ("https://www.gov.uk/x", "https://www.gov.uk/x", "www.gov.uk/x"),
        ("https://www.com/", "https://www.com/", "www.com"),
        ("https://example.com/%7Eann", "https://example.com/%7Eann", "example.com/~ann"),
        (
            "https://example.com/?utm_source=x&fbclid=1&id=7&UTM_Medium=y&gclid=2",
            "https://example.com/?utm_source=x&fbclid=1&id=7&UTM_Medium=y&gclid=2",
            "example.com?id=7",
        ),
    ],
)
def test_an_address_is_read_as_a_browser_reads_it(text: str, url: str, key: str) -> None:
    address = parse_address(text)
    assert address is not None
    assert (address.url, address.key) == (url, key)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "n/a", "-", "localhost", "https://localhost/x", "just words", "https://", "https:",
        "http://127.0.0.1/", "http://0x7f.1/", "http://2130706433/", "http://[::1]/", "1.2.3.4",
        "3.14", "1.2.3.4.5", "https://user@example.com/", "https://user:pw@example.com/",
        "ann@example.com", "mailto:ann@example.com", "javascript:alert(1)", "data:text/html,x",
        "ftp://example.com/", "htp://example.com", "file:///etc/passwd", "https://exa mple.com/",
        "example.com and more", "https://a.com https://b.com", "https://example.com:99999/",
        "https://exa..mple.com/", "https://.example.com/", "https://-a.com/", "https://a-.com/",
        "*.example.com", "https://foo,bar.com/", "https://com/", "co.uk", "https://xn--a.com/",
        "https://a.com/\nhttps://b.com/", "https://a.com/\x00", "https://exa\u00admple\u200b.c om",
        "https://" + "a" * 64 + ".com/", "https://" + "a." * 130 + "com/",
        "https://example.com/" + "a" * LONGEST_ADDRESS, "https://%00.com/", "https://a<b>.com/",
    ],
)  # fmt: skip
def test_what_names_no_page_of_other_people_is_refused(text: str) -> None:
    assert parse_address(text) is None
    assert page_key(text) is None
    assert parse_domain(text) is None


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("example.com", "example.com"),
        ("a.b.example.com", "example.com"),
        ("EXAMPLE.com.", "example.com"),
        ("a.example.co.uk", "example.co.uk"),
        ("co.uk", None),
        ("com", None),
        ("ann.github.io", "ann.github.io"),
        ("x.ann.github.io", "ann.github.io"),
        ("github.io", "github.io"),
        ("www.github.io", "github.io"),
        ("ann.wordpress.com", "ann.wordpress.com"),
        ("wordpress.com", "wordpress.com"),
        ("www.wordpress.com", "wordpress.com"),
        ("www.gov.uk", "www.gov.uk"),
        ("www.ck", "www.ck"),  # exception to *.ck
        ("a.b.ck", "a.b.ck"),
        ("city.kawasaki.jp", "city.kawasaki.jp"),  # exception to *.kawasaki.jp
        ("a.city.kawasaki.jp", "city.kawasaki.jp"),
        ("a.test.kawasaki.jp", "a.test.kawasaki.jp"),
        ("a.k12.ak.us", "a.k12.ak.us"),
        ("xn--85x722f.com.cn", "xn--85x722f.com.cn"),
        ("a.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn"),
        ("a.site.example", "site.example"),  # no such registry: the last label stands for one
        ("10.0.0.1", None),
        ("[::1]", None),
        ("", None),
    ],
)
def test_a_site_is_what_one_owner_registered(host: str, site: str | None) -> None:
    assert registrable_domain(host) == site


@pytest.mark.parametrize(
    "same",
    [
        ("http://example.com/a", "https://www.example.com/a/", "example.com/a#x", "EXAMPLE.com/a?"),
        ("example.com/?a=1&b=2", "example.com?b=2&a=1&utm_campaign=z", "example.com/?&&a=1&b=2"),
    ],
)
def test_addresses_of_one_page_have_one_key(same: tuple[str, ...]) -> None:
    assert len({page_key(text) for text in same}) == 1


def test_pages_that_differ_keep_different_keys() -> None:
    texts = ("a.com/x", "a.com/X", "a.com/x?a=1", "a.com/x?a=2", "b.a.com/x", "a.com:81/x")
    assert len({page_key(text) for text in texts}) == len(texts)


LABEL = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
TAIL = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), max_size=40)


@given(st.lists(LABEL, min_size=1, max_size=3), TAIL)
def test_an_address_read_twice_is_the_same(labels: list[str], tail: str) -> None:
    first = parse_address(f"https://{'.'.join(labels)}.com/{tail}")
    if first is not None:
        again = parse_address(first.url)
        assert again == first
        assert page_key("https://" + first.key) == first.key
        assert first.key == first.key.strip()
        assert first.host == first.site or first.host.endswith("." + first.site)


@given(st.text(max_size=80))
def test_any_text_is_an_address_of_a_proper_host_or_none(text: str) -> None:
    address = parse_address(text)
    if address is not None:
        assert address.url.startswith(("https://", "http://"))
        assert "@" not in address.host
        assert address.host.isascii()
        assert address.key.startswith(address.host.removeprefix("www."))
