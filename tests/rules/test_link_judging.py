"""What one look at a page says about one link."""

from __future__ import annotations

from typing import Any

import pytest

from outreach.links.judging import Expected, judge, target_key_of
from outreach.links.words import REASON_SENTENCES, CheckFamily, CheckReason
from outreach.ports.pages import FailureKind, Placement, Rel
from tests.fakes.pages import failure, link, not_modified, page, status

GUIDE = "https://ours.example/guide"
EXPECTED = Expected(
    target_key="ours.example/guide",
    domains=frozenset({"ours.example"}),
    anchor="a guide",
    rel="follow",
    placement="editorial",
)


def test_a_link_as_agreed_is_seen() -> None:
    verdict = judge(page(link("https://other.example/"), link(GUIDE)), EXPECTED)

    assert (verdict.family, verdict.reason) == (CheckFamily.SEEN, CheckReason.LINK_FOUND)
    assert verdict.link is not None
    assert verdict.link.url == GUIDE
    assert verdict.look.is_as_agreed


@pytest.mark.parametrize(
    "url",
    [
        "http://www.ours.example/guide/",
        "https://ours.example/guide?utm_source=blog#part-2",
        "https://OURS.example/guide/index.html",
        "//ours.example/guide",
    ],
)
def test_other_spellings_of_the_target_are_the_target(url: str) -> None:
    assert judge(page(link(url)), EXPECTED).reason is CheckReason.LINK_FOUND


@pytest.mark.parametrize("url", ["https://ours.example/Guide", "https://ours.example/guide?page=2"])
def test_another_page_of_ours_is_not_the_target(url: str) -> None:
    verdict = judge(page(link(url)), EXPECTED)

    assert (verdict.family, verdict.reason) == (CheckFamily.SEEN, CheckReason.TARGET_CHANGED)
    assert url in verdict.detail


@pytest.mark.parametrize(
    ("found", "page_facts", "reason"),
    [
        ({"rel": Rel.NOFOLLOW}, {}, CheckReason.NOFOLLOW_ADDED),
        ({"rel": Rel.SPONSORED}, {}, CheckReason.SPONSORED_ADDED),
        ({"rel": Rel.UGC}, {}, CheckReason.UGC_ADDED),
        ({"anchor": "click here"}, {}, CheckReason.ANCHOR_CHANGED),
        ({"placement": Placement.FOOTER}, {}, CheckReason.MOVED),
        ({"is_hidden": True}, {}, CheckReason.HIDDEN),
        ({}, {"is_indexable": False}, CheckReason.NOINDEX),
        ({}, {"canonical": "https://copy.example/post"}, CheckReason.CANONICAL_AWAY),
        ({}, {"canonical": "https://blog.example/"}, CheckReason.CANONICAL_AWAY),
    ],
)
def test_a_link_that_is_worse_than_agreed_is_seen_but_changed(
    found: dict[str, Any], page_facts: dict[str, Any], reason: CheckReason
) -> None:
    verdict = judge(page(link(GUIDE, **found), **page_facts), EXPECTED)

    assert (verdict.family, verdict.reason) == (CheckFamily.SEEN, reason)
    assert verdict.changes == (reason,)
    assert not verdict.look.is_as_agreed


def test_all_changes_are_named_the_gravest_first() -> None:
    facts = page(link(GUIDE, "click here", Rel.NOFOLLOW), is_indexable=False)

    assert judge(facts, EXPECTED).changes == (
        CheckReason.NOFOLLOW_ADDED,
        CheckReason.NOINDEX,
        CheckReason.ANCHOR_CHANGED,
    )


@pytest.mark.parametrize(
    ("agreed", "found"),
    [("nofollow", Rel.FOLLOW), ("sponsored", Rel.SPONSORED), ("", Rel.NOFOLLOW)],
)
def test_a_rel_no_worse_than_agreed_is_no_change(agreed: str, found: Rel) -> None:
    expected = Expected(target_key="ours.example/guide", rel=agreed)

    assert judge(page(link(GUIDE, rel=found)), expected).changes == ()


def test_the_same_words_in_other_case_and_spacing_are_the_same_anchor() -> None:
    assert judge(page(link(GUIDE, "A  Guide")), EXPECTED).changes == ()


def test_a_canonical_that_names_the_page_itself_is_no_change() -> None:
    facts = page(link(GUIDE), canonical="http://www.blog.example/post/")

    assert judge(facts, EXPECTED).changes == ()


def test_of_several_links_to_the_target_the_visible_followed_one_in_the_text_counts() -> None:
    verdict = judge(
        page(
            link(GUIDE, "in the footer", placement=Placement.FOOTER, position=0),
            link(GUIDE, "hidden", is_hidden=True, position=1),
            link(GUIDE, "not followed", Rel.NOFOLLOW, position=2),
            link(GUIDE, "a guide", position=3),
        ),
        EXPECTED,
    )

    assert verdict.link is not None
    assert verdict.link.position == 3


def test_another_known_link_of_ours_does_not_stand_in_for_a_missing_one() -> None:
    expected = Expected(
        target_key="ours.example/guide",
        domains=frozenset({"ours.example"}),
        other_keys=frozenset({"ours.example"}),
    )

    verdict = judge(page(link("https://ours.example/")), expected)

    assert (verdict.family, verdict.reason) == (CheckFamily.NOT_THERE, CheckReason.LINK_GONE)


def test_without_a_target_any_link_to_our_domains_will_do() -> None:
    expected = Expected(domains=frozenset({"ours.example"}))

    verdict = judge(page(link("https://shop.ours.example/a")), expected)

    assert verdict.reason is CheckReason.LINK_FOUND


def test_a_link_that_only_mentions_us_in_its_query_is_not_ours() -> None:
    facts = page(link("https://share.example/?u=https://ours.example/guide"))

    assert judge(facts, EXPECTED).reason is CheckReason.LINK_GONE


@pytest.mark.parametrize("code", [404, 410])
def test_a_page_that_is_gone_takes_the_link_with_it(code: int) -> None:
    verdict = judge(status(code), EXPECTED)

    assert (verdict.family, verdict.reason) == (CheckFamily.NOT_THERE, CheckReason.PAGE_GONE)


def test_a_page_that_now_leads_elsewhere_without_the_link_is_named_so() -> None:
    facts = page(final_url="https://blog.example/", redirects=("https://blog.example/post",))

    verdict = judge(facts, EXPECTED)

    assert (verdict.family, verdict.reason) == (CheckFamily.NOT_THERE, CheckReason.PAGE_REDIRECTED)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (401, CheckReason.LOGIN),
        (403, CheckReason.FORBIDDEN),
        (429, CheckReason.RATE_LIMITED),
        (451, CheckReason.OTHER_STATUS),
        (500, CheckReason.SERVER_ERROR),
        (503, CheckReason.SERVER_ERROR),
    ],
)
def test_an_error_status_tells_nothing_about_the_link(code: int, reason: CheckReason) -> None:
    verdict = judge(status(code, retry_after_s=90), EXPECTED)

    assert (verdict.family, verdict.reason) == (CheckFamily.CANNOT_TELL, reason)
    assert verdict.retry_after_s == 90


@pytest.mark.parametrize("kind", [kind for kind in FailureKind if kind is not FailureKind.STATUS])
def test_no_failure_to_look_ever_says_that_the_link_is_gone(kind: FailureKind) -> None:
    verdict = judge(failure(kind), EXPECTED)

    assert verdict.family is CheckFamily.CANNOT_TELL
    assert verdict.reason.value == kind.value


def test_half_a_page_without_the_link_tells_nothing() -> None:
    verdict = judge(page(is_truncated=True), EXPECTED)

    assert (verdict.family, verdict.reason) == (CheckFamily.CANNOT_TELL, CheckReason.TRUNCATED)


def test_half_a_page_with_the_link_is_enough() -> None:
    assert judge(page(link(GUIDE), is_truncated=True), EXPECTED).family is CheckFamily.SEEN


def test_being_sent_to_a_sign_in_tells_nothing() -> None:
    facts = page(
        final_url="https://blog.example/login?next=/post", redirects=("https://blog.example/post",)
    )

    assert judge(facts, EXPECTED).reason is CheckReason.LOGIN


def test_a_shell_that_a_script_would_fill_tells_nothing() -> None:
    facts = page(text="", body=b'<div id="app"></div><SCRIPT src="/app.js"></SCRIPT>')

    assert judge(facts, EXPECTED).reason is CheckReason.BUILT_BY_SCRIPT


def test_a_full_page_with_scripts_and_without_the_link_is_a_miss() -> None:
    facts = page(body=b"<script></script>" + b"text " * 100)

    assert judge(facts, EXPECTED).reason is CheckReason.LINK_GONE


def test_an_unchanged_page_is_as_it_was() -> None:
    verdict = judge(not_modified(), EXPECTED)

    assert (verdict.family, verdict.reason) == (CheckFamily.SEEN, CheckReason.NOT_MODIFIED)


def test_what_is_no_web_address_has_no_key() -> None:
    assert target_key_of("mailto:anna@ours.example") == ""


def test_every_reason_has_its_sentence() -> None:
    assert set(REASON_SENTENCES) == set(CheckReason)
