"""What counts as one person, one company, and what a collision says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from outreach.core.addresses import MailAddress, parse_mail_address
from outreach.suppression.rules import (
    Collision,
    company_domain,
    comparable_domain,
    is_liftable,
    person_key,
)
from outreach.suppression.words import SuppressionReason, TouchOutcome

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = "a key of this installation, for tests only"


def address(text: str) -> MailAddress:
    parsed = parse_mail_address(text)
    assert parsed is not None
    return parsed


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jane.Doe@gmail.com", "janedoe@gmail.com"),
        ("jane+links@gmail.com", "j.a.n.e@googlemail.com"),
        ("jane+news@firm.example", "JANE@firm.example"),
        ("info@bücher.example", "info@xn--bcher-kva.example"),
    ],
)
def test_spellings_of_one_person_share_a_key(one: str, other: str) -> None:
    assert person_key(KEY, address(one)) == person_key(KEY, address(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("jane.doe@firm.example", "janedoe@firm.example"),
        ("jane@firm.example", "jane@other.example"),
    ],
)
def test_different_people_have_different_keys(one: str, other: str) -> None:
    assert person_key(KEY, address(one)) != person_key(KEY, address(other))


def test_a_key_gives_no_address_away_and_depends_on_the_installation() -> None:
    jane = address("jane@firm.example")

    assert "jane" not in person_key(KEY, jane)
    assert person_key(KEY, jane) != person_key(KEY + "!", jane)


@pytest.mark.parametrize(
    ("mail", "site", "company"),
    [
        ("jane@mail.firm.co.uk", "", "firm.co.uk"),
        ("jane@gmail.com", "", ""),
        ("jane@gmail.com", "outlet.example", "outlet.example"),
        ("jane@firm.example", "news.outlet.co.uk", "outlet.co.uk"),
    ],
)
def test_a_company_is_its_site_or_the_domain_of_its_mail(
    mail: str, site: str, company: str
) -> None:
    assert company_domain(address(mail), site) == company


def test_nobody_known_is_no_company() -> None:
    assert company_domain(None) == ""


def test_shared_hosts_keep_their_sites_apart() -> None:
    assert comparable_domain("anna.wordpress.com") != comparable_domain("ben.wordpress.com")


def test_our_own_collision_names_who_and_another_teams_does_not() -> None:
    ours = Collision(NOW - timedelta(days=12), TouchOutcome.REPLIED, is_ours=True, who="Mia Hart")
    theirs = Collision(NOW - timedelta(days=1), TouchOutcome.AWAITING, is_ours=False)

    assert ours.sentence(NOW) == "Mia Hart, 12 days ago, they replied"
    assert theirs.sentence(NOW) == "another team, 1 day ago, awaiting answer"


def test_a_collision_of_somebody_who_left_still_says_it_was_us() -> None:
    ours = Collision(NOW, TouchOutcome.WON, is_ours=True)

    assert ours.sentence(NOW) == "this workspace, today, link won"


def test_only_silence_that_others_chose_lasts() -> None:
    lasting = {reason for reason in SuppressionReason if not is_liftable(reason)}

    assert lasting == {
        SuppressionReason.UNSUBSCRIBED,
        SuppressionReason.COMPLAINED,
        SuppressionReason.ERASED,
    }
