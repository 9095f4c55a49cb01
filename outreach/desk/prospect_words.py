"""The filter of the list of prospects, said in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.accounts.models import Membership, User
from outreach.assets.queries import asset_titles
from outreach.desk.prospect_filter import ME, NOBODY
from outreach.fields.models import CustomField
from outreach.imports.models import ImportFile
from outreach.tags.models import Tag

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from outreach.core.db import Session
    from outreach.desk.prospect_filter import FieldTest, ProspectFilter, Span

FIGURE_NAMES = {
    "score": "score", "relevance": "relevance", "authority": "authority", "dr": "Ahrefs DR",
    "da": "Moz DA", "tf": "Majestic TF", "as": "Semrush AS", "traffic": "traffic",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Names:
    """What the ids in a filter are called; an id that is not here is gone."""

    assets: Mapping[int, str] = field(default_factory=dict)
    tags: Mapping[int, str] = field(default_factory=dict)
    people: Mapping[int, str] = field(default_factory=dict)
    files: Mapping[int, str] = field(default_factory=dict)
    fields: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a filter in words, and the parts of the address that say it."""

    text: str
    arguments: tuple[str, ...]


def names_in(session: Session, wanted: ProspectFilter) -> Names:
    """Read what the ids in a filter are called, and nothing it does not name."""
    file_id = wanted.import_file_id
    field_ids = [test.field_id for test in wanted.fields]
    return Names(
        assets=asset_titles(session) if wanted.asset_id else {},
        tags=_tags(session, wanted.tag_ids) if wanted.tag_ids else {},
        people=people_names(session) if wanted.owner not in {"", ME, NOBODY} else {},
        files=_files(session, file_id) if file_id else {},
        fields=_fields(session, field_ids) if field_ids else {},
    )


def people_names(session: Session) -> dict[int, str]:
    """Return the people of the workspace, by name."""
    rows = session.exec(
        select(col(User.id), User.name)
        .join(Membership, col(Membership.user_id) == User.id)
        .where(Membership.workspace_id == session.workspace_id)
        .order_by(User.name)
    )
    return {key: name for key, name in rows if key is not None}


def parts_of(wanted: ProspectFilter, names: Names) -> list[Part]:
    """Say each part of a filter; what was decided is said by the list's tabs too."""
    return [*_plain_parts(wanted), *_named_parts(wanted, names)]


def sentence(wanted: ProspectFilter, names: Names) -> str:
    """Say a filter in one line: "stage is qualified · relevance ≥ 60"."""
    return " · ".join(part.text for part in parts_of(wanted, names)) or "every prospect"


def _plain_parts(wanted: ProspectFilter) -> Iterator[Part]:
    if wanted.search:
        yield Part(f"contains “{wanted.search}”", ("q",))
    if wanted.review is not None:
        yield Part(f"review is {wanted.review.value}", ("review",))
    if wanted.is_unknown:
        yield Part("score is unknown", ("unknown",))
    for span in wanted.spans:
        yield Part(_span(span), (f"{span.figure}_min", f"{span.figure}_max"))
    for name, values in wanted.words:
        said = " or ".join(value.replace("_", " ") for value in values)
        yield Part(f"{name} is {said}", (name,))
    if wanted.has_contact is not None:
        yield Part("has a contact" if wanted.has_contact else "has no contact", ("contact",))
    if wanted.is_resting is not None:
        yield Part("in cool-down" if wanted.is_resting else "not in cool-down", ("resting",))
    yield from _dates(wanted)


def _dates(wanted: ProspectFilter) -> Iterator[Part]:
    if wanted.is_uncontacted:
        yield Part("never written to", ("contacted",))
    if wanted.contacted_after:
        yield Part(f"written to since {_day(wanted.contacted_after)}", ("contacted_after",))
    if wanted.contacted_before:
        yield Part(f"last written to before {_day(wanted.contacted_before)}", ("contacted_before",))
    if wanted.added_since:
        yield Part(f"added since {_day(wanted.added_since)}", ("added",))


def _named_parts(wanted: ProspectFilter, names: Names) -> Iterator[Part]:
    if wanted.asset_id is not None:
        yield Part(f"scored for “{names.assets.get(wanted.asset_id, 'an asset')}”", ("asset",))
    if wanted.owner:
        owner = {ME: "me", NOBODY: "nobody"}.get(wanted.owner)
        owner = owner or names.people.get(int(wanted.owner), "somebody who left")
        yield Part(f"owner is {owner}", ("owner",))
    if wanted.import_file_id is not None:
        yield Part(f"from {names.files.get(wanted.import_file_id, 'an import')}", ("file",))
    if wanted.tag_ids:
        said = " or ".join(names.tags.get(key, "a deleted tag") for key in wanted.tag_ids)
        yield Part(f"tag is {said}", ("tag",))
    if wanted.is_untagged:
        yield Part("has no tag", ("tag",))
    for test in wanted.fields:
        name = f"field_{test.field_id}"
        text = f"{names.fields.get(test.field_id, 'a deleted field')} {_test(test)}"
        yield Part(text, (name, f"{name}_min", f"{name}_max"))


def _span(span: Span) -> str:
    name = FIGURE_NAMES[span.figure]
    if span.low is not None and span.high is not None:
        return f"{name} {span.low:,}–{span.high:,}"
    return f"{name} ≥ {span.low:,}" if span.low is not None else f"{name} ≤ {span.high:,}"


def _test(test: FieldTest) -> str:
    if test.equals:
        return f"is {test.equals}"
    if test.low and test.high:
        return f"{test.low}–{test.high}"
    return f"≥ {test.low}" if test.low else f"≤ {test.high}"


def _day(day: date) -> str:
    return f"{day:%-d %b %Y}"


def _tags(session: Session, tag_ids: tuple[int, ...]) -> dict[int, str]:
    rows = session.exec(select(col(Tag.id), Tag.name).where(col(Tag.id).in_(tag_ids)))
    return {key: name for key, name in rows if key is not None}


def _files(session: Session, file_id: int) -> dict[int, str]:
    rows = session.exec(
        select(col(ImportFile.id), ImportFile.filename).where(ImportFile.id == file_id)
    )
    return {key: name for key, name in rows if key is not None}


def _fields(session: Session, field_ids: list[int]) -> dict[int, str]:
    rows = session.exec(
        select(col(CustomField.id), CustomField.name).where(col(CustomField.id).in_(field_ids))
    )
    return {key: name for key, name in rows if key is not None}
