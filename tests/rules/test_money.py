"""Amounts as people write and read them."""

from __future__ import annotations

import pytest

from outreach.accounts.currencies import CURRENCIES
from outreach.web.money import cents_of, money, plain_money


@pytest.mark.parametrize(
    ("cents", "code", "shown"),
    [
        (3_400_00, "USD", "$3,400"),
        (12_50, "CHF", "12.50 CHF"),
        (1_250_00, "JPY", "¥1,250"),
        (1_250_49, "JPY", "¥1,250"),
        (99_05, "EUR", "€99.05"),
        (5_00, "XYZ", "5 XYZ"),
    ],
)
def test_an_amount_is_shown_as_its_currency_is_written(cents: int, code: str, shown: str) -> None:
    assert money(cents, code) == shown


@pytest.mark.parametrize(
    ("text", "code", "cents"),
    [
        ("1,250", "USD", 1_250_00),
        ("$12.50", "USD", 12_50),
        ("12.5 CHF", "CHF", 12_50),
        ("¥1,250", "JPY", 1_250_00),
        ("12.50", "JPY", None),
        ("12.00", "JPY", 12_00),
        ("-3", "USD", None),
        ("a lot", "USD", None),
        ("", "USD", None),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, code: str, cents: int | None) -> None:
    assert cents_of(text, code) == cents


@pytest.mark.parametrize("code", CURRENCIES)
def test_what_is_shown_can_be_typed_again(code: str) -> None:
    assert cents_of(money(1_234_00, code), code) == 1_234_00
    assert cents_of(plain_money(1_234_00, code), code) == 1_234_00
