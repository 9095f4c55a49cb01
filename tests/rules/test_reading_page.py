"""From the bytes of a page to its facts."""

from __future__ import annotations

from pathlib import Path

import pytest

from outreach.ports.pages import LinkOnPage, PageFacts, Placement, Rel
from outreach.reading import Unreadable, find_links_to, read

BLOG_POST = Path(__file__).parent.parent / "data" / "pages" / "blog_post.html"
URL = "https://crumb.example/2026/winter-starter?utm_source=x"


def _read(html: str | bytes, url: str = URL, **headers: str) -> PageFacts:
    body = html.encode() if isinstance(html, str) else html
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return read(body, url=url, final_url=url, status=200, headers=pairs)


@pytest.fixture(scope="module")
def post() -> PageFacts:
    return _read(BLOG_POST.read_bytes(), Content_Type="text/html")


def _link(facts: PageFacts, start: str) -> LinkOnPage:
    (link,) = [link for link in facts.links if link.url.startswith(start)]
    return link


def test_a_page_says_what_it_is(post: PageFacts) -> None:
    assert post.title == "Keeping sourdough alive through winter | Hearth & Crumb"
    assert post.description == "What a starter needs when the kitchen drops below 16 °C."
    assert (post.site_name, post.author, post.language) == ("Hearth & Crumb", "Ida Holm", "en")
    assert post.canonical == "https://crumb.example/winter-starter"
    assert post.headings[:2] == ("Keeping sourdough alive through winter", "Further help")
    assert post.is_indexable
    assert post.is_followable
    assert len(post.sha256) == 64


def test_the_main_text_is_the_article_without_its_surroundings(post: PageFacts) -> None:
    assert "A starter slows down long before it dies." in post.text
    assert "it has not complained since." in post.text
    for elsewhere in ("Recipes", "Rye for beginners", "saved mine", "Blogroll", "Write to"):
        assert elsewhere not in post.text


PLACES = {
    "https://crumb.example/recipes": Placement.NAVIGATION,
    "https://shop.crumb.example/": Placement.NAVIGATION,
    "https://thermo.example/": Placement.EDITORIAL,
    "https://mats.example/": Placement.EDITORIAL,
    "https://pictures.example/": Placement.EDITORIAL,
    "https://flour.example/": Placement.RESOURCE_LIST,
    "https://salt.example/": Placement.RESOURCE_LIST,
    "https://ida.example/": Placement.AUTHOR_BIO,
    "https://friend.example/": Placement.RELATED,
    "https://fan.example/": Placement.COMMENT,
    "https://blogroll.example/": Placement.SIDEBAR,
    "https://recent.example/": Placement.SIDEBAR,
    "https://ads.example/": Placement.ADVERTISEMENT,
    "https://theme.example/": Placement.FOOTER,
}


@pytest.mark.parametrize("start", PLACES)
def test_a_link_is_placed_where_a_reader_sees_it(post: PageFacts, start: str) -> None:
    assert _link(post, start).placement is PLACES[start]


def test_a_link_carries_its_anchor_rel_and_sentence(post: PageFacts) -> None:
    link = _link(post, "https://thermo.example/")
    assert link.url == "https://thermo.example/guide?ref=1#probe"
    assert (link.anchor, link.rel, link.raw_rel) == ("this guide to probes", Rel.FOLLOW, "")
    assert "described in this guide to probes, and the pattern" in link.context
    assert len(link.context) <= 300
    paid = _link(post, "https://mats.example/")
    assert (paid.rel, paid.raw_rel) == (Rel.SPONSORED, "sponsored, nofollow")
    assert _link(post, "https://fan.example/").rel is Rel.UGC


def test_an_image_link_is_known_by_its_alt(post: PageFacts) -> None:
    link = _link(post, "https://pictures.example/")
    assert link.is_image
    assert link.anchor == "A jar of starter"


def test_a_link_moved_off_the_screen_is_flagged(post: PageFacts) -> None:
    hidden = [link.url for link in post.links if link.is_hidden]
    assert hidden == ["https://loans.example/"]


def test_links_come_in_order_and_only_to_pages(post: PageFacts) -> None:
    assert [link.position for link in post.links] == list(range(len(post.links)))
    assert all(link.url.startswith(("http://", "https://")) for link in post.links)
    assert not any("#top" in link.url for link in post.links)


def test_shown_addresses_are_found_and_placeholders_are_not(post: PageFacts) -> None:
    found = {address.address: address.source for address in post.addresses}
    assert found == {
        "editor@crumb-and-hearth.org": "mailto",
        "press@crumb-and-hearth.org": "text",
        "ida.holm@crumb-and-hearth.org": "obfuscated",
    }


@pytest.mark.parametrize(
    ("html", "address"),
    [
        ("<p>mail: jo(at)paper.org</p>", "jo@paper.org"),
        ("<p>jo [ät] paper [punkt] org</p>", "jo@paper.org"),
        ("<p>write to jo at paper dot org today</p>", "jo@paper.org"),
        ("<p>jo@news.paper.co.uk.</p>", "jo@news.paper.co.uk"),
        ("<p>&#106;&#111;&#64;paper.org</p>", "jo@paper.org"),
        ('<a href="MAILTO:jo%40paper.org,x">x</a>', "jo@paper.org"),
        ('<span data-cfemail="not hex">x</span>', ""),
        ('<span data-cfemail="">x</span>', ""),
        ("<p>meet at noon dot dot dot</p>", ""),
        ("<p>look at page dot nonsense</p>", ""),
        ("<p>user@host and a@b.css</p>", ""),
    ],
)
def test_disguises_are_read_without_guessing(html: str, address: str) -> None:
    found = [each.address for each in _read(html).addresses]
    assert found == ([address] if address else [])


def test_cloudflares_protected_address_is_read() -> None:
    key = 0x2A
    code = bytes([key, *(byte ^ key for byte in b"jo@paper.org")]).hex()
    (found,) = _read(f'<p><a data-cfemail="{code}">[email protected]</a></p>').addresses
    assert (found.address, found.source) == ("jo@paper.org", "obfuscated")


@pytest.mark.parametrize(
    ("head", "header", "indexable", "followable"),
    [
        ("", "", True, True),
        ('<meta name="robots" content="NOINDEX, follow">', "", False, True),
        ('<meta name="robots" content="none">', "", False, False),
        ('<meta name="googlebot" content="nofollow">', "", True, False),
        ('<meta name="otherbot" content="noindex">', "", True, True),
        ("", "noindex", False, True),
        ("", "googlebot: nofollow", True, False),
        ("", "otherbot: noindex, nofollow", True, True),
        ("", "unavailable_after: 25 Jun 2030 15:00:00 GMT, nofollow", True, False),
        ("", "max-snippet:-1", True, True),
    ],
)
def test_page_level_robots_count(head: str, header: str, indexable: bool, followable: bool) -> None:
    html = f"<head>{head}</head><p>See <a href='https://x.example/'>x</a></p>"
    facts = _read(html, X_Robots_Tag=header)
    assert (facts.is_indexable, facts.is_followable) == (indexable, followable)
    assert facts.links[0].rel is (Rel.FOLLOW if followable else Rel.NOFOLLOW)


@pytest.mark.parametrize(
    ("rel", "effective"),
    [
        ("", Rel.FOLLOW),
        ("noopener noreferrer", Rel.FOLLOW),
        ("NoFollow", Rel.NOFOLLOW),
        ("nofollow ugc", Rel.UGC),
        ("ugc,sponsored", Rel.SPONSORED),
        ("dofollow", Rel.FOLLOW),
    ],
)
def test_the_strongest_word_of_a_rel_counts(rel: str, effective: Rel) -> None:
    (link,) = _read(f'<p><a rel="{rel}" href="/x">x</a></p>').links
    assert (link.rel, link.raw_rel) == (effective, rel)


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("/a/../b", "https://crumb.example/b"),
        ("page", "https://crumb.example/2026/page"),
        ("?q=1", "https://crumb.example/2026/winter-starter?q=1"),
        ("//cdn.example/x", "https://cdn.example/x"),
        (" https://Bücher.example/ü ", "https://xn--bcher-kva.example/%C3%BC"),
        ("HTTP://x.example", "http://x.example/"),
        ("https://x.exam\nple/a", "https://x.example/a"),
    ],
)
def test_hrefs_become_absolute(href: str, url: str) -> None:
    assert [link.url for link in _read(f'<p><a href="{href}">x</a></p>').links] == [url]


@pytest.mark.parametrize(
    "href", ["", "#part", "tel:123", "mailto:a@b.org", "javascript:x()", "http://[", "data:,x"]
)
def test_what_leads_to_no_page_is_no_link(href: str) -> None:
    assert _read(f'<p><a href="{href}">x</a> and <a>nothing</a></p>').links == ()


def test_the_base_element_counts() -> None:
    html = '<head><base href="https://other.example/dir/"></head><p><a href="x">x</a>'
    assert _read(html).links[0].url == "https://other.example/dir/x"


def test_a_long_paragraph_gives_the_sentence_around_the_link() -> None:
    filler = "This sentence stands far away from it. " * 20
    html = f"<p>{filler}Here is <a href='/x'>the link</a> we mean. {filler}</p>"
    context = _read(html).links[0].context
    assert "Here is the link we mean." in context
    assert len(context) <= 300
    assert context.startswith("This sentence stands")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<title>Größe — ½</title>".encode(), "text/html"),
        ("<title>Größe — ½</title>".encode("cp1252"), "text/html; charset=ISO-8859-1"),
        ("<meta charset=windows-1252><title>Größe — ½</title>".encode("cp1252"), "text/html"),
        ("<title>Größe — ½</title>".encode("utf-8-sig"), "text/html; charset=latin-1"),
        ("<title>Größe — ½</title>".encode("utf-16"), "text/html"),
        ("<title>Größe — ½</title>".encode(), "text/html; charset=iso-8859-1"),
        ("<title>Größe — ½</title>".encode(), "text/html; charset=base64"),
    ],
)
def test_the_charset_is_found(body: bytes, content_type: str) -> None:
    assert _read(body, Content_Type=content_type).title == "Größe — ½"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("shift_jis", "日本語のページです。"),
        ("iso2022_jp", "日本語のページです。"),
        ("gb2312", "中文网页"),
        ("koi8-r", "Русская страница"),
        ("euc_kr", "한국어 페이지"),
    ],
)
def test_a_declared_charset_of_the_wider_world_is_read(encoding: str, text: str) -> None:
    body = f"<title>{text}</title>".encode(encoding)
    assert _read(body, Content_Type=f"text/html; charset={encoding}").title == text


def test_an_undeclared_charset_is_guessed_from_the_text() -> None:
    text = "Съешь ещё этих мягких французских булок, да выпей же чаю. " * 20
    facts = _read(f"<title>Проба</title><p>{text}</p>".encode("cp1251"))
    assert facts.title == "Проба"


@pytest.mark.parametrize(
    "html", ["", "   ", "no tags at all", "<", "<!---->", "\0\0", "<a href", "<body"]
)
def test_next_to_nothing_is_read_as_such(html: str) -> None:
    facts = _read(html)
    assert facts.links == ()
    assert facts.title == ""


def test_a_page_of_frames_is_unreadable_rather_than_empty() -> None:
    with pytest.raises(Unreadable):
        _read("<frameset><frame src='/a'></frameset>")


def test_links_to_a_site_or_a_page_are_picked_out(post: PageFacts) -> None:
    by_site = find_links_to(post.links, domains={"thermo.example"})
    assert [link.anchor for link in by_site] == ["this guide to probes"]
    by_page = find_links_to(post.links, pages={"flour.example/types"})
    assert [link.anchor for link in by_page] == ["Flour types"]
    assert find_links_to(post.links, domains={"nobody.example"}, pages={"flour.example"}) == ()


def test_a_link_through_a_redirect_is_not_a_link_to_its_end() -> None:
    html = '<p><a href="https://out.example/?to=https://ours.example/">ours</a></p>'
    assert find_links_to(_read(html).links, domains={"ours.example"}) == ()


def test_long_fields_are_cut() -> None:
    html = f"<title>{'t' * 9000}</title><h1>{'h' * 9000}</h1><p>{'word ' * 9000}</p>"
    facts = _read(html)
    assert (len(facts.title), len(facts.headings[0]), len(facts.text)) == (500, 200, 20_000)
