"""Every route, asked with another workspace's ids and by every role: 404, and nothing leaks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from outreach.accounts.rules import may
from outreach.accounts.words import Role
from outreach.core.db import Database, Scope
from tests.factories import make_workspace
from tests.web.foreign_rows import MARKER, TEXT_ARGUMENTS, make_foreign_rows

# Routes that name an id which belongs to no workspace, or to the person who asks.
NOT_OF_A_WORKSPACE = {"static"}


def test_every_argument_of_every_route_has_a_foreign_row(app: Flask) -> None:
    known = TEXT_ARGUMENTS | FOREIGN_ARGUMENTS
    missing = {
        argument: rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in NOT_OF_A_WORKSPACE
        for argument in rule.arguments
        if argument not in known
    }
    assert missing == {}


@pytest.mark.parametrize("role", list(Role))
def test_another_workspaces_ids_answer_404(
    app: Flask, database: Database, client_as: Callable[[Role], FlaskClient], role: Role
) -> None:
    theirs = make_workspace(database, name=MARKER)
    ids = make_foreign_rows(database, theirs)
    assert set(ids) == FOREIGN_ARGUMENTS
    client = client_as(role)
    wrong: list[str] = []
    for rule, method in _guarded_rules(app):
        url = _build(app, rule, ids)
        answer = client.open(url, method=method, data={})
        forbidden = answer.status_code == 403 and not _may(app, rule, role)
        if not (answer.status_code == 404 or forbidden) or MARKER in answer.text:
            wrong.append(f"{method} {url} as {role}: {answer.status_code}")
    assert wrong == []


def test_no_page_of_ones_own_shows_another_workspaces_rows(
    app: Flask, database: Database, client: FlaskClient, scope: Scope
) -> None:
    make_foreign_rows(database, make_workspace(database, name=MARKER))
    seen = 0
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments:
            answer = client.get(rule.rule)
            assert answer.status_code in {200, 302, 303, 403}, rule.rule
            assert MARKER not in answer.text, rule.rule
            seen += 1
    assert seen >= 10


FOREIGN_ARGUMENTS: set[str] = {
    "prospect_id", "prospect_page_id", "asset_id", "property_id", "import_file_id", "import_row_id",
    "job_id", "contact_id", "contact_merge_id", "found_contact_id", "campaign_id", "opportunity_id",
    "pitch_template_id", "sequence_id", "step_id", "mailbox_id", "conversation_id",
    "outbox_message_id", "inbound_message_id", "enrollment_id", "backlink_id", "won_link_id",
    "link_check_id", "tag_id", "custom_field_id", "note_id", "mention_id", "attachment_id",
    "reminder_id", "column_mapping_id", "user_id", "other_id", "suppression_id", "bulk_action_id",
    "saved_view_id",
}  # fmt: skip


def _guarded_rules(app: Flask) -> list[tuple[Rule, str]]:
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        if rule.arguments & FOREIGN_ARGUMENTS
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def _build(app: Flask, rule: Rule, ids: dict[str, int]) -> str:
    values = {name: ids.get(name, "something") for name in rule.arguments}
    return app.url_map.bind("localhost").build(rule.endpoint, values)


def _may(app: Flask, rule: Rule, role: Role) -> bool:
    thing, action = getattr(app.view_functions[rule.endpoint], "policy")  # noqa: B009 - set on it
    return (thing, action) == ("person", "any") or may(role, thing, action)
