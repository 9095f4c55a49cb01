"""Amounts of the workspace's currency, as people write and read them."""

from __future__ import annotations

import re

from outreach.accounts.currencies import CURRENCIES, currency_of

_AMOUNT = re.compile(r"\d{1,9}(\.\d{1,2})?")
_SIGNS = re.compile("|".join(re.escape(row.sign) for row in CURRENCIES.values() if row.sign))


def money(cents: int, code: str) -> str:
    """Show an amount, whole units without cents: "$3,400", "12.50 CHF", "¥1,250"."""
    currency = currency_of(code)
    is_whole = not currency.decimals or cents % 100 == 0
    number = f"{round(cents / 100):,}" if is_whole else f"{cents / 100:,.2f}"
    return f"{currency.sign}{number}" if currency.sign else f"{number} {code}"


def plain_money(cents: int, code: str) -> str:
    """Write an amount as a field of a form holds it: "3400.00", "1250"."""
    return f"{cents / 100:.{currency_of(code).decimals}f}"


def cents_of(text: str, code: str) -> int | None:
    """Read an amount such as "1,250", "$12.50" or "12.50 CHF"; None when it is none.

    A currency without decimals takes none.
    """
    plain = text.strip().upper().removesuffix(code).strip()
    sign = _SIGNS.match(plain)
    plain = plain[sign.end() :] if sign else plain
    plain = plain.replace(",", "").replace(" ", "")
    if not _AMOUNT.fullmatch(plain):
        return None
    whole, _, part = plain.partition(".")
    cents = int(whole) * 100 + int(part.ljust(2, "0") or 0)
    return None if cents % 100 and not currency_of(code).decimals else cents
