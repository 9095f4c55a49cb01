"""Read files of one value on each line: plain lists and disavow files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.core.urls import parse_domain
from outreach.imports import values
from outreach.imports.parsing_rows import Refused, page_or_site, read_site, shown
from outreach.imports.rows import (
    NO_METRICS,
    RAW_CHARACTERS,
    BadRow,
    ParsedRow,
    PersonRow,
    RowKind,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from outreach.core.urls import WebAddress
    from outreach.imports.layouts import Layout

_DOMAIN = "domain:"


def list_rows(
    layout: Layout, lines: Iterable[str], *, skip: int = 0
) -> Iterator[ParsedRow | BadRow]:
    """Yield what each line says; a disavow file's comment is the reason for the lines under it."""
    comment = ""
    for line, value in enumerate(lines, 1):
        raw = value.strip().strip('"').lstrip("\ufeff")
        if not raw or raw.startswith("#"):
            comment = raw.lstrip("# ")
            continue
        if line <= skip:
            continue
        try:
            row = read_value(layout.kind, line, raw)
        except Refused as refused:
            yield BadRow(line, raw[:RAW_CHARACTERS], str(refused))
            continue
        is_disavowed = layout.kind is RowKind.DISAVOW and comment
        yield row._replace(reason=values.text(comment, 500)) if is_disavowed else row


def read_value(kind: RowKind, line: int, value: str) -> ParsedRow:
    """Read the only value of a line."""
    value = value.rstrip(",;")
    if value[: len(_DOMAIN)].casefold() == _DOMAIN:
        value = value[len(_DOMAIN) :].strip()
        if kind is RowKind.SUPPRESSION:
            return bare_row(line, "", read_site(value), None)
    if " " in value:
        raise Refused(f"“{shown(value)}” is not a web address.")
    if kind in {RowKind.SUPPRESSION, RowKind.PERSON} and "@" in value.lstrip("@"):
        return _addressed(kind, line, value)
    if kind is RowKind.SUPPRESSION:
        return bare_row(line, "", read_site(value), None)
    if kind is RowKind.PERSON:
        raise Refused(f"“{shown(value)}” is not an email address.")
    email, site, address = page_or_site(value)
    return bare_row(line, email, site, address)


def _addressed(kind: RowKind, line: int, value: str) -> ParsedRow:
    email = values.email(value)
    if email is None:
        raise Refused(f"“{shown(value)}” is not an email address.")
    if kind is RowKind.PERSON:
        person = PersonRow("", "", "", email, "", "", "", "", "", "", "", (), "", False)
        person = person._replace(is_generic=values.is_role(email))
        return bare_row(line, email, "", None)._replace(person=person)
    return bare_row(line, email, parse_domain(email.rsplit("@", 1)[1]) or "", None)


def bare_row(line: int, email: str, site: str, address: WebAddress | None) -> ParsedRow:
    """Return a row that says no more than whom or what it is about."""
    return ParsedRow(
        line, address.url if address else "", address.key if address else "", site,
        "", "", "", "", "", "", "", "", None, None, None, None, email, "", None, "", "",
        NO_METRICS, NO_METRICS,
    )  # fmt: skip
