"""What a contact must be, and how people are greeted."""

from __future__ import annotations

import pytest

from outreach.contacts.rules import (
    ContactDetails,
    filled_from,
    first_name_of,
    name_order,
    preference,
    problems_with,
    redacted,
    telling_words,
    tidied,
)
from outreach.contacts.words import ContactKind, Deliverability
from tests.factories_campaigns import address, details


def test_complete_details_have_no_problem() -> None:
    complete = details(
        "mia@firm.example", country="GB", time_zone="Europe/London", language="pt-BR"
    )

    assert problems_with(complete) == []


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (ContactDetails(), "Give a name or an address."),
        (details("noreply@firm.example"), "nobody may be pitched"),
        (details("mia@firm.example", source_url=""), "Say where the address was found"),
        (details("mia@firm.example", source_url="the about page"), "not a web address"),
        (details(country="GBR"), "two letters"),
        (details(time_zone="London"), "not a time zone"),
        (details(language="English"), "language as its code"),
    ],
)
def test_each_wrong_detail_is_named(given: ContactDetails, problem: str) -> None:
    (found,) = problems_with(given)

    assert problem in found


def test_a_name_without_an_address_needs_no_source() -> None:
    assert problems_with(details()) == []


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Mia Hart", "Mia"),
        ("Hart, Mia", "Mia"),
        ("Dr. Anneliese von Berg", "Anneliese"),
        ("Prof. Dr. Jan Novák", "Jan"),
        ("J. Hart", ""),
        ("Mr", ""),
        ("", ""),
        ("Zoë", "Zoë"),
    ],
)
def test_people_are_greeted_by_their_first_name_or_not_at_all(name: str, first: str) -> None:
    assert first_name_of(name, ContactKind.PERSON) == first


def test_a_role_address_is_never_greeted_by_name() -> None:
    assert first_name_of("Press Office", ContactKind.ROLE_ADDRESS) == ""


def test_a_nameless_role_address_is_called_one() -> None:
    assert tidied(details("info@firm.example", name="")).kind is ContactKind.ROLE_ADDRESS
    assert tidied(details("info@firm.example", name="Mia")).kind is ContactKind.PERSON
    assert tidied(details("mia@firm.example", name="")).kind is ContactKind.PERSON


def test_details_are_tidied() -> None:
    tidy = tidied(details(name="  Mia   Hart ", country=" gb", notes=" Met at a fair.\n"))

    assert (tidy.name, tidy.country, tidy.notes) == ("Mia Hart", "GB", "Met at a fair.")


def test_lists_sort_by_name_and_else_by_address() -> None:
    assert name_order("Zoë", None) == "zoë"
    assert name_order("", address("Info@firm.example")) == "info@firm.example"
    assert name_order("", None) == ""


def test_people_come_before_role_addresses_and_the_unreachable_last() -> None:
    ranked = sorted(
        [
            (ContactKind.PERSON, Deliverability.UNDELIVERABLE),
            (ContactKind.ROLE_ADDRESS, Deliverability.DELIVERABLE),
            (ContactKind.PERSON, Deliverability.RISKY),
            (ContactKind.JOURNALIST, Deliverability.DELIVERABLE),
            (ContactKind.PERSON, Deliverability.DELIVERABLE),
        ],
        key=lambda pair: preference(*pair),
    )

    assert ranked == [
        (ContactKind.PERSON, Deliverability.DELIVERABLE),
        (ContactKind.PERSON, Deliverability.RISKY),
        (ContactKind.JOURNALIST, Deliverability.DELIVERABLE),
        (ContactKind.ROLE_ADDRESS, Deliverability.DELIVERABLE),
        (ContactKind.PERSON, Deliverability.UNDELIVERABLE),
    ]


def test_merging_fills_gaps_and_keeps_both_notes() -> None:
    kept = details(role="Editor", notes="Likes data.")
    other = details("mia@firm.example", role="Writer", notes="Met in May.", country="GB")

    merged = filled_from(kept, other)

    assert merged.role == "Editor"
    assert merged.country == "GB"
    assert merged.address == other.address
    assert merged.notes == "Likes data.\n\nMet in May."


def test_a_person_is_told_by_full_name_and_address_never_by_one_word() -> None:
    assert telling_words("Mia  Hart", "mia@firm.example", None) == {"Mia Hart", "mia@firm.example"}
    assert telling_words("Mia", None) == set()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Ask MIA HART or mia hart.", "Ask [erased] or [erased]."),
        ("Wrote to mia@firm.example: hello", "Wrote to [erased]: hello"),
        ("Mia Hartmann is somebody else", "Mia Hartmann is somebody else"),
        ("Nothing here", "Nothing here"),
    ],
)
def test_a_person_is_taken_out_of_others_words(text: str, left: str) -> None:
    assert redacted(text, {"Mia Hart", "mia@firm.example"}) == left


def test_the_longer_of_two_words_goes_first() -> None:
    assert redacted("x mia@firm.example", {"firm.example", "mia@firm.example"}) == "x [erased]"
