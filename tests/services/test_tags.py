"""Tags: one name is one tag; they are put on and taken off many records at once."""

from __future__ import annotations

import pytest

from outreach.contacts import tagging as contact_tags
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, Session
from outreach.core.errors import Invalid, NotFound
from outreach.prospects import tagging
from outreach.tags.queries import all_tags, find_tag, get_tag
from outreach.tags.services import (
    TagExists,
    delete_tag,
    edit_tag,
    ensure_tag,
    ensure_tags,
    restore_tag,
)
from outreach.tags.words import TagTone
from outreach.workflows.merge_tags import merge_tags
from tests.factories import make_prospect, make_workspace
from tests.factories_annotations import make_person, make_tag

NOW = utc_now()


def test_names_that_differ_in_case_and_spaces_are_one_tag(session: Session) -> None:
    tags = ensure_tags(session, ["Guest  Post", " guest post ", "#GUEST POST", "other"])
    assert [tag.name for tag in tags] == ["Guest Post", "other"]
    assert ensure_tag(session, "guest post").name == "Guest Post"


@pytest.mark.parametrize("name", ["", "   ", "#", "\u200b\u202e", "x" * 61])
def test_a_name_that_shows_nothing_or_too_much_is_refused(session: Session, name: str) -> None:
    with pytest.raises(Invalid):
        ensure_tag(session, name)


def test_many_records_are_tagged_at_once_and_only_what_is_new_is_returned(
    session: Session,
) -> None:
    ids = [make_prospect(session).key for _ in range(5)]
    one, two = make_tag(session, "one"), make_tag(session, "two")
    assert tagging.add_tags(session, ids[:2], [one.key]) == [(ids[0], one.key), (ids[1], one.key)]

    added = tagging.add_tags(session, [*ids, 999_999], [one.key, two.key, 888_888])

    assert len(added) == 8
    assert tagging.add_tags(session, ids, [one.key, two.key]) == []
    assert tagging.tags_of_prospects(session, ids[:1]) == {
        ids[0]: [(one.key, "one", ""), (two.key, "two", "")]
    }
    removed = tagging.remove_tags(session, ids, [one.key])
    assert removed == [(prospect_id, one.key) for prospect_id in ids]
    assert tagging.remove_tags(session, ids, [one.key]) == []
    assert tagging.USES.counts(session) == {two.key: 5}


def test_another_workspaces_records_and_tags_are_not_touched(
    session: Session, database: Database
) -> None:
    mine, tag = make_prospect(session), make_tag(session)
    session.commit()
    with database.writing(make_workspace(database)) as other:
        theirs = make_prospect(other).key
        their_tag = make_tag(other, "theirs").key
    assert tagging.add_tags(session, [mine.key, theirs], [tag.key, their_tag]) == [
        (mine.key, tag.key)
    ]
    with pytest.raises(NotFound):
        get_tag(session, their_tag)


def test_a_tag_is_renamed_and_coloured_but_not_to_a_name_that_is_taken(session: Session) -> None:
    tag, other = make_tag(session, "guest post"), make_tag(session, "Paid")
    edit_tag(session, tag, name="Guest Post", tone=TagTone.GOOD, now=NOW)
    assert (tag.name, tag.tone) == ("Guest Post", "good")
    with pytest.raises(TagExists) as refusal:
        edit_tag(session, tag, name="PAID", tone=TagTone.GOOD, now=NOW)
    assert refusal.value.tag_id == other.key


def test_a_deleted_tag_comes_back_with_its_records(session: Session) -> None:
    prospect, tag = make_prospect(session), make_tag(session, "asked")
    tagging.add_tags(session, [prospect.key], [tag.key])
    delete_tag(session, tag, now=NOW)
    assert list(all_tags(session)) == []
    assert find_tag(session, "asked") is None
    assert tagging.tags_of_prospects(session, [prospect.key]) == {}

    restore_tag(session, tag, now=NOW)

    assert tagging.tags_of_prospects(session, [prospect.key]) == {
        prospect.key: [(tag.key, "asked", "")]
    }


def test_a_deleted_tag_does_not_come_back_beside_one_of_its_name(session: Session) -> None:
    tag = make_tag(session, "asked")
    delete_tag(session, tag, now=NOW)
    again = make_tag(session, "Asked")
    assert again.key != tag.key
    with pytest.raises(TagExists):
        restore_tag(session, tag, now=NOW)


def test_merging_gives_every_record_the_other_tag_once(
    session: Session, database: Database, scope: Scope
) -> None:
    both, one = make_prospect(session), make_prospect(session)
    person = make_person(session)
    gone, kept = make_tag(session, "guestpost"), make_tag(session, "guest post")
    tagging.add_tags(session, [both.key, one.key], [gone.key])
    tagging.add_tags(session, [both.key], [kept.key])
    contact_tags.add_tags(session, [person.key], [gone.key])
    session.commit()

    moved = merge_tags(database, scope, gone.key, kept.key, now=NOW)

    assert moved == 3
    session.expire_all()
    assert tagging.USES.counts(session) == {kept.key: 2}
    assert contact_tags.USES.counts(session) == {kept.key: 1}
    assert [tag.name for tag in all_tags(session)] == ["guest post"]


def test_a_tag_is_not_merged_into_itself(
    session: Session, database: Database, scope: Scope
) -> None:
    tag = make_tag(session)
    session.commit()
    with pytest.raises(Invalid):
        merge_tags(database, scope, tag.key, tag.key, now=NOW)
