"""Amounts of the workspace's currency, as people write and read them."""

from __future__ import annotations

import re

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_AMOUNT = re.compile(r"\d{1,9}(\.\d{1,2})?")


def money(cents: int, currency: str) -> str:
    """Show an amount, whole units without cents: "$3,400", "12.50 CHF"."""
    number = f"{cents // 100:,}" if cents % 100 == 0 else f"{cents / 100:,.2f}"
    sign = _SIGNS.get(currency)
    return f"{sign}{number}" if sign else f"{number} {currency}"


def cents_of(text: str) -> int | None:
    """Read an amount such as "1,250" or "$12.50"; None when it is none."""
    plain = text.strip().strip("$€£¥").replace(",", "").replace(" ", "")
    if not _AMOUNT.fullmatch(plain):
        return None
    whole, _, part = plain.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0") or 0)
