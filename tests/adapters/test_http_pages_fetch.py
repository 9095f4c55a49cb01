"""The fetcher over loopback: manners, limits, outcomes."""

from __future__ import annotations

import gzip
import itertools
import time
import zlib
from collections.abc import Iterator

import pytest

from outreach.adapters.http_pages import FetchPolicy, HttpPageFetcher, SwitchedOffFetcher
from outreach.ports.pages import FailureKind, FetchFailure, PageFacts, PageRequest
from tests.adapters.http_pages_tools import PAGE, Names, facts, failure, small_world
from tests.servers.web_server import Asked, Page, WebServer, raw, redirect


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer() as server:
        yield server


def _fetcher(web: WebServer, **settings: object) -> HttpPageFetcher:
    hosts = {web.authority, f"a.test:{web.port}", f"b.test:{web.port}"}
    policy = FetchPolicy(
        allowed_hosts=frozenset(hosts),
        **{"spacing_s": 0.0, "deadline_s": 2.0, **settings},  # type: ignore[arg-type]
    )
    return HttpPageFetcher(policy, Names({"a.test": [["127.0.0.1"]], "b.test": [["127.0.0.1"]]}))


def _look(
    fetcher: HttpPageFetcher, url: str, etag: str = "", last_modified: str = ""
) -> PageFacts | FetchFailure:
    (result,) = fetcher.fetch([PageRequest(url, 7, etag, last_modified)])
    assert result.request.key == 7
    return result.outcome


def test_an_allowed_private_host_is_read(web: WebServer) -> None:
    web.pages["/"] = Page("<title>Ours</title><p>Hello <a href='/x'>there</a></p>")
    page = facts(_look(_fetcher(web), web.url + "/"))
    assert page.title == "Ours"
    assert page.links[0].url == web.url + "/x"


def test_the_allow_list_opens_nothing_for_another_name_of_the_same_address(web: WebServer) -> None:
    web.pages["/"] = PAGE
    fetcher = HttpPageFetcher(
        FetchPolicy(allowed_hosts=frozenset({f"a.test:{web.port}"}), ports=frozenset({web.port})),
        Names({"evil.test": [["127.0.0.1"]]}),
    )
    for host in ("evil.test", "127.0.0.1", "localhost"):
        outcome = failure(_look(fetcher, f"http://{host}:{web.port}/"))
        assert outcome.kind in {FailureKind.FORBIDDEN_ADDRESS, FailureKind.DNS}
    assert web.accepted == 0


def test_we_say_who_we_are_and_carry_nothing_else(web: WebServer) -> None:
    web.pages["/"] = Page("<p>Hello</p>", headers=(("Set-Cookie", "id=1; Path=/"),))
    fetcher = _fetcher(web, contact_url="https://ours.test/robot")
    list(fetcher.fetch([PageRequest(f"http://a.test:{web.port}/")] * 2))
    assert web.paths == ["/robots.txt", "/", "/"]
    asked = web.asked[-1]
    assert "OutreachBot" in asked.header("User-Agent")
    assert "+https://ours.test/robot" in asked.header("User-Agent")
    assert asked.header("Cookie") == asked.header("Referer") == ""
    assert asked.header("Accept-Encoding") == "gzip, deflate"


def test_proxies_of_the_environment_are_ignored(
    web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.pages["/"] = PAGE
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert facts(_look(_fetcher(web), web.url + "/")).status == 200


def test_redirects_are_followed_and_remembered(web: WebServer) -> None:
    web.pages["/old"] = redirect("/older?x=1", 301)
    web.pages["/older?x=1"] = redirect(f"http://b.test:{web.port}/new#part", 308)
    web.pages["/new"] = PAGE
    page = facts(_look(_fetcher(web), f"http://a.test:{web.port}/old"))
    assert page.url == f"http://a.test:{web.port}/old"
    assert page.final_url == f"http://b.test:{web.port}/new"
    assert page.redirects == (page.url, f"http://a.test:{web.port}/older?x=1")


def test_five_redirects_are_followed_and_six_are_not(web: WebServer) -> None:
    web.pages.update({f"/{n}": redirect(f"/{n + 1}") for n in range(6)})
    web.pages["/6"] = PAGE
    fetcher = _fetcher(web)
    assert facts(_look(fetcher, web.url + "/1")).final_url == web.url + "/6"
    outcome = failure(_look(fetcher, web.url + "/0"))
    assert outcome.kind is FailureKind.TOO_MANY_REDIRECTS
    assert len(outcome.redirects) == 6


def test_an_unchanged_page_comes_back_as_304(web: WebServer) -> None:
    def answer(asked: Asked) -> Page:
        if asked.header("If-None-Match") == '"v1"' and asked.header("If-Modified-Since") == "then":
            return Page(status=304)
        return Page("<p>Hello</p>", headers=(("ETag", '"v1"'), ("Last-Modified", "then")))

    web.pages["/"] = answer
    fetcher = _fetcher(web)
    first = facts(_look(fetcher, web.url + "/"))
    assert (first.status, first.etag, first.last_modified) == (200, '"v1"', "then")
    second = facts(_look(fetcher, web.url + "/", first.etag, first.last_modified))
    assert (second.status, second.etag, second.last_modified) == (304, '"v1"', "then")


@pytest.mark.parametrize("status", [404, 410, 500, 503, 451])
def test_an_error_status_is_a_failure_with_its_number(web: WebServer, status: int) -> None:
    web.pages["/"] = Page("<p>no</p>", status)
    outcome = failure(_look(_fetcher(web), web.url + "/"))
    assert (outcome.kind, outcome.status) == (FailureKind.STATUS, status)


CHALLENGES = {
    "a header": Page("<p>x</p>", 403, (("cf-mitigated", "challenge"),)),
    "a title on 503": Page("<title>Just a moment...</title>", 503),
    "a captcha on 403": Page("<div class='h-captcha'></div>", 403),
    "an interstitial with 200": Page("<script>window._cf_chl_opt={}</script>", 200),
}


@pytest.mark.parametrize("case", CHALLENGES)
def test_a_challenge_is_told_from_an_error(web: WebServer, case: str) -> None:
    web.pages["/"] = CHALLENGES[case]
    assert failure(_look(_fetcher(web), web.url + "/")).kind is FailureKind.CHALLENGE


PROTECTED_BUT_OPEN = {
    "an article about captchas": Page("<p>How g-recaptcha and h-captcha ask: are you a robot?"),
    "a detection script": Page("<p>Hi<script src='/cdn-cgi/challenge-platform/h/g/jsd.js'>"),
    "a vendor's header": Page("<p>Hi", headers=(("X-DataDome", "protected"),)),
    "a vendor's resource": Page("<p>Hi<script src='/_Incapsula_Resource?SWJIYLWA=1'>"),
}


@pytest.mark.parametrize("case", PROTECTED_BUT_OPEN)
def test_an_open_page_of_a_protected_site_is_no_challenge(web: WebServer, case: str) -> None:
    web.pages["/"] = PROTECTED_BUT_OPEN[case]
    assert facts(_look(_fetcher(web), web.url + "/")).status == 200


@pytest.mark.parametrize(
    "page",
    [
        Page("%PDF-1.7", content_type="application/pdf"),
        Page("plain words", content_type="text/plain"),
        Page("no type, no tag", content_type=""),
        Page(b"\x1f\x8b\x08\0\0\0 <html>"),
    ],
)
def test_what_is_no_web_page_is_not_read(web: WebServer, page: Page) -> None:
    web.pages["/"] = page
    assert failure(_look(_fetcher(web), web.url + "/")).kind is FailureKind.NOT_HTML


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


HTML = b"<title>Packed</title>" + b"<p>Hello there, all of you.</p>" * 200
PACKED = {
    "gzip": ("gzip", gzip.compress(HTML)),
    "gzip in two members": ("gzip", gzip.compress(HTML[:999]) + gzip.compress(HTML[999:])),
    "gzip with rubbish after it": ("gzip", gzip.compress(HTML) + b"rubbish"),
    "zlib": ("deflate", zlib.compress(HTML)),
    "bare deflate": ("deflate", _raw_deflate(HTML)),
    "nothing": ("identity", HTML),
}


@pytest.mark.parametrize("case", PACKED)
def test_every_encoding_we_offer_is_undone(web: WebServer, case: str) -> None:
    name, body = PACKED[case]
    web.pages["/"] = Page(body, headers=(("Content-Encoding", name),))
    page = facts(_look(_fetcher(web), web.url + "/"))
    assert page.body == HTML
    assert not page.is_truncated


def test_a_compressed_body_that_breaks_off_is_marked(web: WebServer) -> None:
    body = gzip.compress(HTML)[:-20]
    web.pages["/"] = Page(body, headers=(("Content-Encoding", "gzip"),))
    assert facts(_look(_fetcher(web), web.url + "/")).is_truncated


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, br", "gzip, gzip", "rot13"])
def test_an_encoding_we_never_offered_is_a_bad_response(web: WebServer, encoding: str) -> None:
    web.pages["/"] = Page(HTML, headers=(("Content-Encoding", encoding),))
    assert failure(_look(_fetcher(web), web.url + "/")).kind is FailureKind.BAD_RESPONSE


def test_markup_that_would_choke_the_parser_is_unreadable(web: WebServer) -> None:
    web.pages["/"] = Page("".join(f"<b id={n}><p>" for n in range(4000)))
    assert failure(_look(_fetcher(web), web.url + "/")).kind is FailureKind.UNREADABLE


def test_robots_txt_is_obeyed_and_asked_for_once(web: WebServer) -> None:
    web.pages["/robots.txt"] = Page(
        "User-agent: *\nDisallow: /\n\nUser-agent: OutreachBot\nDisallow: /closed", content_type=""
    )
    web.pages["/open"] = PAGE
    fetcher = _fetcher(web)
    assert facts(_look(fetcher, web.url + "/open")).status == 200
    assert failure(_look(fetcher, web.url + "/closed/x")).kind is FailureKind.ROBOTS
    assert web.paths == ["/robots.txt", "/open"]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_no_robots_txt_closes_nothing(web: WebServer, status: int) -> None:
    web.pages["/robots.txt"] = Page("", status)
    web.pages["/"] = PAGE
    assert facts(_look(_fetcher(web), web.url + "/")).status == 200


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_robots_txt_in_trouble_closes_the_site_for_now(web: WebServer, status: int) -> None:
    web.pages["/robots.txt"] = Page("", status)
    web.pages["/"] = PAGE
    outcome = failure(_look(_fetcher(web), web.url + "/"))
    assert outcome.kind is FailureKind.ROBOTS
    assert str(status) in outcome.detail
    assert web.paths == ["/robots.txt"]


def test_a_robots_txt_that_does_not_come_closes_the_site_for_now(web: WebServer) -> None:
    web.pages["/robots.txt"] = Page("", delay_s=0.3)
    outcome = failure(_look(_fetcher(web, deadline_s=0.2), web.url + "/"))
    assert outcome.kind is FailureKind.ROBOTS


def test_robots_txt_may_move(web: WebServer) -> None:
    web.pages["a.test/robots.txt"] = redirect(f"http://b.test:{web.port}/robots.txt")
    web.pages["b.test/robots.txt"] = Page("User-agent: *\nDisallow: /closed")
    outcome = _look(_fetcher(web), f"http://a.test:{web.port}/closed")
    assert failure(outcome).kind is FailureKind.ROBOTS


def test_robots_txt_of_the_site_a_redirect_leads_to_counts_too(web: WebServer) -> None:
    web.pages["a.test/"] = redirect(f"http://b.test:{web.port}/closed")
    web.pages["b.test/robots.txt"] = Page("User-agent: *\nDisallow: /closed")
    web.pages["b.test/closed"] = PAGE
    assert failure(_look(_fetcher(web), f"http://a.test:{web.port}/")).kind is FailureKind.ROBOTS


def test_requests_to_a_host_keep_their_distance_and_come_one_by_one(web: WebServer) -> None:
    for n in range(3):
        web.pages[f"/{n}"] = Page("<p>Hello</p>", delay_s=0.02)
    fetcher = _fetcher(web, spacing_s=0.06)
    list(fetcher.fetch([PageRequest(f"{web.url}/{n}") for n in range(3)]))
    times = [asked.at for asked in web.asked]
    assert len(times) == 4  # robots.txt first
    assert all(later - earlier >= 0.06 for earlier, later in itertools.pairwise(times))


def test_a_crawl_delay_is_kept_within_reason(web: WebServer) -> None:
    web.pages["/robots.txt"] = Page("User-agent: *\nCrawl-delay: 3600")
    web.pages["/"] = PAGE
    fetcher = _fetcher(web, max_crawl_delay_s=0.1)
    list(fetcher.fetch([PageRequest(f"{web.url}/"), PageRequest(f"{web.url}/")]))
    assert 0.1 <= web.asked[2].at - web.asked[1].at < 1.0


def test_hosts_are_asked_side_by_side(web: WebServer) -> None:
    for host in ("a.test", "b.test"):
        web.pages[f"{host}/"] = Page("<p>Hello</p>", delay_s=0.2)
    requests = [PageRequest(f"http://{host}:{web.port}/") for host in ("a.test", "b.test")]
    started = time.monotonic()
    results = list(_fetcher(web).fetch(requests))
    assert [facts(result.outcome).status for result in results] == [200, 200]
    assert time.monotonic() - started < 0.38


@pytest.mark.parametrize(
    ("text", "seconds"), [("7200", 7200), ("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("soon", None)]
)
def test_retry_after_is_reported(web: WebServer, text: str, seconds: int | None) -> None:
    web.pages["/"] = Page("busy", 429, (("Retry-After", text),))
    outcome = failure(_look(_fetcher(web), web.url + "/"))
    assert (outcome.status, outcome.retry_after_s) == (429, seconds)


def test_a_host_that_asks_for_a_long_wait_is_left_alone(web: WebServer) -> None:
    web.pages["/1"] = Page("busy", 503, (("Retry-After", "3600"),))
    requests = [PageRequest(f"{web.url}/{n}", n) for n in (1, 2, 3)]
    outcomes = [failure(result.outcome) for result in _fetcher(web).fetch(requests)]
    assert [outcome.status for outcome in outcomes] == [503, 503, 503]
    assert [outcome.url for outcome in outcomes] == [request.url for request in requests]
    assert web.paths == ["/robots.txt", "/1"]


def test_nobody_at_the_port_is_a_connect_failure() -> None:
    with WebServer() as web:
        fetcher = _fetcher(web)
        url = web.url
    assert failure(_look(fetcher, url + "/")).kind is FailureKind.CONNECT


def test_an_unknown_name_is_a_dns_failure(web: WebServer) -> None:
    outcome = failure(_look(_fetcher(web), "http://nowhere.test/"))
    assert outcome.kind is FailureKind.DNS


def test_a_connection_cut_before_the_answer_is_a_bad_response(web: WebServer) -> None:
    web.pages["/"] = raw()
    assert failure(_look(_fetcher(web), web.url + "/")).kind is FailureKind.BAD_RESPONSE


def test_every_request_gets_exactly_one_result(web: WebServer) -> None:
    web.pages["/ok"] = PAGE
    urls = ["nonsense", f"{web.url}/ok", f"{web.url}/gone", "http://nowhere.test/", f"{web.url}/ok"]
    requests = [PageRequest(url, key) for key, url in enumerate(urls)]
    results = list(_fetcher(web).fetch(requests))
    assert sorted(result.request.key for result in results) == [0, 1, 2, 3, 4]
    assert all(result.fetched_at.tzinfo is not None for result in results)


def test_a_slow_caller_does_not_make_servers_look_late(web: WebServer) -> None:
    for n in range(3):
        web.pages[f"/{n}"] = Page("<p>Hello</p>", delay_s=0.05)
    requests = [PageRequest(f"{web.url}/{n}") for n in range(3)]
    for result in _fetcher(web, deadline_s=0.2).fetch(requests):
        time.sleep(0.25)
        assert facts(result.outcome).status == 200


def test_a_caller_may_stop_early(web: WebServer) -> None:
    web.pages["/"] = Page("<p>Hello</p>", delay_s=0.01)
    results = _fetcher(web, spacing_s=0.01).fetch([PageRequest(f"{web.url}/")] * 50)
    next(results)
    results.close()  # type: ignore[attr-defined]
    asked = len(web.asked)
    assert asked < 20
    assert len(web.asked) == asked


def test_the_closed_door_touches_no_network(web: WebServer) -> None:
    (result,) = SwitchedOffFetcher().fetch([PageRequest(f"{web.url}/", 5)])
    assert failure(result.outcome).kind is FailureKind.SWITCHED_OFF
    assert result.request.key == 5
    assert web.accepted == 0


def test_a_wire_cap_and_a_body_cap_hold() -> None:
    with small_world(max_wire=5_000, max_body=20_000, deadline_s=2.0) as world:
        world.web.pages["/long"] = Page("<p>" + "x" * 6_000)
        world.web.pages["/packed"] = Page(
            gzip.compress(b"x" * 30_000), headers=(("Content-Encoding", "gzip"),)
        )
        for path in ("/long", "/packed"):
            assert failure(world.look(world.url(path))).kind is FailureKind.TOO_LARGE
