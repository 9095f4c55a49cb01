"""Whose turn it is, played on a clock of our own."""

from __future__ import annotations

import heapq

from outreach.adapters.http_pages.schedule import HostQueue


def test_a_busy_host_waits_until_its_request_is_done() -> None:
    queue: HostQueue[int] = HostQueue()
    queue.add("a", 1)
    queue.add("a", 2)
    assert queue.take(0.0) == ("a", 1)
    assert queue.take(0.0) is None
    queue.done("a", free_at=5.0)
    assert queue.take(4.9) is None
    assert queue.next_free_at() == 5.0
    assert queue.take(5.0) == ("a", 2)


def test_work_that_arrives_for_a_busy_host_waits_too() -> None:
    queue: HostQueue[int] = HostQueue()
    queue.add("a", 1)
    queue.take(0.0)
    queue.add("a", 2)
    assert queue.take(100.0) is None
    queue.done("a", free_at=0.0)
    assert queue.take(0.0) == ("a", 2)


def test_the_host_with_most_left_goes_first() -> None:
    queue: HostQueue[int] = HostQueue()
    for host, count in (("few", 1), ("many", 5), ("some", 3)):
        for number in range(count):
            queue.add(host, number)
    order = [taken[0] for _ in range(3) if (taken := queue.take(0.0))]
    assert order == ["many", "some", "few"]


def test_a_started_look_goes_on_before_new_ones() -> None:
    queue: HostQueue[str] = HostQueue()
    queue.add("a", "first")
    queue.add("a", "second")
    queue.take(0.0)
    queue.done("a", 0.0)
    queue.add("a", "first, redirected", is_next=True)
    assert queue.take(0.0) == ("a", "first, redirected")


def test_a_host_that_comes_back_by_redirect_still_rests() -> None:
    queue: HostQueue[str] = HostQueue()
    queue.add("a", "page")
    queue.take(0.0)
    queue.done("a", free_at=9.0)
    queue.add("a", "redirected here", is_next=True)
    assert queue.take(8.0) is None
    assert queue.take(9.0) == ("a", "redirected here")


def test_a_large_mixed_load_comes_close_to_the_bound_and_never_breaks_the_spacing() -> None:
    spacing, latency, slots = 0.25, 0.1, 100
    sizes = [40] * 12 + [20] * 40 + [8] * 150 + [3] * 500
    queue: HostQueue[int] = HostQueue()
    for index, size in enumerate(sizes):
        for number in range(size):
            queue.add(f"h{index}", number)
    last_end: dict[str, float] = {}
    running: list[tuple[float, str]] = []
    now = 0.0
    while len(queue) or running:
        while len(running) < slots and (taken := queue.take(now)):
            assert now - last_end.get(taken[0], -1.0) >= spacing - 1e-9
            heapq.heappush(running, (now + latency, taken[0]))
        moments = [running[0][0]] if running else []
        if len(running) < slots and (free := queue.next_free_at()) is not None:
            moments.append(free)
        now = min(moments)
        while running and running[0][0] <= now:
            _, host = heapq.heappop(running)
            last_end[host] = now
            queue.done(host, now + spacing)
    bound = max(40 * latency + 39 * spacing, sum(sizes) * latency / slots)
    assert bound / now >= 0.95
