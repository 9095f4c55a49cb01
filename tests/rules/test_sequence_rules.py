"""The recipient's calendar, and how long mail waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import available_timezones

import pytest

from outreach.core.business_days import SendWindow
from outreach.core.errors import Invalid
from outreach.mail.restamp import with_date
from outreach.mail.sending_rules import BACKOFF, gap_after, has_given_up, retry_at
from outreach.sequences.rules import calendar_of, read_window, zone_of_country

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "country", "workspace", "expected"),
    [
        ("Asia/Tokyo", "DE", "FR", "Asia/Tokyo"),
        ("", "DE", "FR", "Europe/Berlin"),
        ("", "", "FR", "Europe/Paris"),
        ("", "", "", "UTC"),
        ("", "XX", "", "UTC"),
    ],
)
def test_the_zone_is_the_contacts_then_the_countrys_then_the_workspaces(
    zone: str, country: str, workspace: str, expected: str
) -> None:
    calendar = calendar_of(
        contact_zone=zone, contact_country=country, workspace_country=workspace,
        window=SendWindow(),
    )  # fmt: skip
    assert calendar.zone.key == expected


@pytest.mark.parametrize(
    ("country", "zone"),
    [("us", "America/New_York"), ("AU", "Australia/Sydney"), ("BR", "America/Sao_Paulo"),
     ("RU", "Europe/Moscow"), ("ES", "Europe/Madrid"), ("CA", "America/Toronto")],
)  # fmt: skip
def test_a_country_of_many_zones_has_the_one_most_people_live_in(country: str, zone: str) -> None:
    assert zone_of_country(country) == zone
    assert zone in available_timezones()


def test_a_step_waits_business_days_of_the_recipients_country() -> None:
    calendar = calendar_of(
        contact_zone="", contact_country="US", workspace_country="", window=SendWindow()
    )
    monday_before_thanksgiving = datetime(2026, 11, 23, 17, tzinfo=UTC)

    due = calendar.due_after(monday_before_thanksgiving, 4)

    # Tuesday, Wednesday, Friday, Monday: the 26th is a holiday there.
    assert due == datetime(2026, 11, 30, 17, tzinfo=UTC)


def test_hours_are_read_as_people_write_them() -> None:
    assert read_window("05:00", "12:00").closes.hour == 12
    for opens, closes in (("9", "16:30"), ("24:00", "25:00"), ("16:30", "09:00")):
        with pytest.raises(Invalid):
            read_window(opens, closes)


def test_a_mail_put_off_waits_longer_each_time_and_a_little_more_by_chance() -> None:
    waits = [retry_at(count, NOW, jitter=0) - NOW for count in range(1, 5)]
    assert waits == list(BACKOFF)
    assert retry_at(1, NOW, jitter=1) - NOW == BACKOFF[0] * 1.1
    assert [has_given_up(count) for count in (4, 5)] == [False, True]


def test_the_gap_is_nine_to_fourteen_minutes_and_the_same_whoever_asks() -> None:
    gaps = {gap_after(f"<{number}@ours.example>", 9) for number in range(300)}
    assert min(gaps) >= timedelta(minutes=9)
    assert timedelta(minutes=13) < max(gaps) <= timedelta(minutes=14)
    assert gap_after("<1@ours.example>", 9) == gap_after("<1@ours.example>", 9)
    assert gap_after("<1@ours.example>", 0) == timedelta(0)


def test_only_the_date_of_a_frozen_mail_changes() -> None:
    raw = b"Date: Mon, 01 Jan 2024 00:00:00 +0000\r\nSubject: Date: x\r\n\r\nDate: y\r\n"
    stamped = with_date(raw, NOW, "Europe/Berlin")
    assert stamped.startswith(b"Date: Wed, 18 Nov 2026 13:00:00 +0100\r\n")
    assert stamped.partition(b"\r\n")[2] == raw.partition(b"\r\n")[2]
    with pytest.raises(ValueError, match="begins with its date"):
        with_date(b"Subject: x\r\n\r\n", NOW, "UTC")
