"""The currencies a workspace can reckon in: ISO 4217 codes with their sign and decimals."""

from __future__ import annotations

from typing import NamedTuple


class Currency(NamedTuple):
    """How amounts of one currency are written. Kept are hundredths, whatever it is."""

    code: str
    name: str
    sign: str = ""  # "" where people write the code
    decimals: int = 2


CURRENCIES = {
    row.code: row
    for row in (
        Currency("AED", "UAE dirham"),
        Currency("AUD", "Australian dollar", "A$"),
        Currency("BRL", "Brazilian real", "R$"),
        Currency("CAD", "Canadian dollar", "CA$"),
        Currency("CHF", "Swiss franc"),
        Currency("CNY", "Chinese yuan", "CN¥"),
        Currency("CZK", "Czech koruna"),
        Currency("DKK", "Danish krone"),
        Currency("EUR", "Euro", "€"),
        Currency("GBP", "Pound sterling", "£"),
        Currency("HKD", "Hong Kong dollar", "HK$"),
        Currency("HUF", "Hungarian forint"),
        Currency("ILS", "Israeli new shekel", "₪"),
        Currency("INR", "Indian rupee", "₹"),
        Currency("JPY", "Japanese yen", "¥", decimals=0),
        Currency("KRW", "South Korean won", "₩", decimals=0),
        Currency("MXN", "Mexican peso", "MX$"),
        Currency("NOK", "Norwegian krone"),
        Currency("NZD", "New Zealand dollar", "NZ$"),
        Currency("PLN", "Polish złoty"),
        Currency("RON", "Romanian leu"),
        Currency("SEK", "Swedish krona"),
        Currency("SGD", "Singapore dollar", "S$"),
        Currency("TRY", "Turkish lira", "₺"),
        Currency("USD", "US dollar", "$"),
        Currency("ZAR", "South African rand"),
    )
}


def currency_of(code: str) -> Currency:
    """Return a currency; one that is not in the table is written by its code, with two decimals."""
    return CURRENCIES.get(code) or Currency(code, code)
