"""Prospects for measuring their list: the same on every run and engine, written by the database.

A score for four in five, an authority for three in four, vendors' figures for most, countries of
which one is rare, one prospect in forty written to: what files and people's work would have left.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import select

from outreach.accounts.models import Membership
from outreach.accounts.queries import get_user
from outreach.accounts.services import create_user, create_workspace, sign_in
from outreach.adapters import migrations
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, make_engine
from outreach.prospects.models import Prospect

if TYPE_CHECKING:
    from outreach.core.db import Session

_MOMENT = sa.inspect(Prospect).columns["cool_down_until"].type
_NUMBERS = """WITH RECURSIVE numbers(n) AS (
  SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)"""
_SITES = f"""INSERT INTO site (domain, created_at, updated_at)
{_NUMBERS} SELECT 'garden-' || n || '.example', :now, :now FROM numbers"""
_PROSPECTS = f"""INSERT INTO prospect (
  id, workspace_id, site_id, domain, title, notes, review, rejected_because, source, country,
  language, topic, tactic, page_count, score, score_order, relevance, authority, authority_low,
  authority_high, is_authority_known, authority_order, ahrefs_dr, moz_da, traffic,
  is_search_stale, stage, has_contact, last_contact_at, cool_down_until, created_at, updated_at)
{_NUMBERS}, dice AS (
  SELECT n, n * 7919 % 10 AS place,
    CASE WHEN n * 7919 % 5 = 0 THEN NULL ELSE n * 7919 % 101 END AS score,
    CASE WHEN n * 7919 % 4 = 0 THEN NULL ELSE n * 7919 % 90 END AS authority
  FROM numbers)
SELECT n, :workspace, site.id, domain, 'The ' || domain || ' journal', '', 'new', '', 'manual',
  CASE WHEN place < 3 THEN 'DE' WHEN place < 5 THEN 'FR'
    WHEN n % 5000 = 1 THEN 'IS' WHEN place < 8 THEN 'US' ELSE '' END,
  CASE WHEN place < 3 THEN 'de' ELSE 'en' END,
  CASE WHEN n % 3 = 0 THEN 'Gardening' ELSE '' END, '', n % 13,
  score, 100 - coalesce(score, -1), score, authority,
  CASE WHEN coalesce(authority, 25) < 8 THEN 0 ELSE coalesce(authority, 25) - 8 END,
  coalesce(authority, 25) + 8, authority IS NOT NULL, 100 - coalesce(authority, -1),
  CASE WHEN n * 104729 % 7 = 0 THEN NULL ELSE n * 104729 % 91 END,
  CASE WHEN n * 15485863 % 3 = 0 THEN NULL ELSE n * 15485863 % 83 END,
  CASE WHEN n * 32452843 % 4 = 0 THEN NULL ELSE n * 32452843 % 900001 END,
  FALSE, CASE WHEN n % 20 = 0 THEN 'qualified' ELSE '' END, FALSE,
  CASE WHEN n % 120 = 0 THEN :long_ago WHEN n % 40 = 0 THEN :lately END,
  CASE WHEN n % 40 = 0 AND n % 120 <> 0 THEN :later END, :now, :now
FROM dice JOIN site ON site.domain = 'garden-' || n || '.example'"""


def fill(url: str, count: int) -> tuple[Database, Scope, str]:
    """Make a database of scored prospects, its workspace and a signed-in person's token.

    A database that was filled before is taken as it is; only the person signs in again.
    """
    migrations.upgrade(url)
    database = Database(make_engine(url))
    with database.system() as session:
        membership = session.exec(select(Membership)).first()
    if membership is None:
        with database.system() as session:
            user = create_user(session, email="a@outreach.example", name="Ann", password_hash="!")
            create_workspace(session, "Prospects", owner=user)
            membership = session.exec(select(Membership)).one()
            _write(session, membership.workspace_id, count)
        _take_statistics(url)
    with database.system() as session:
        token = sign_in(session, get_user(session, membership.user_id), now=utc_now())
    return database, Scope(membership.workspace_id, membership.user_id), token


def _write(session: Session, workspace_id: int, count: int) -> None:
    now = utc_now()
    moments = {
        "now": now, "long_ago": now - timedelta(days=400), "lately": now - timedelta(days=9),
        "later": now + timedelta(days=81),
    }  # fmt: skip
    for text in (_SITES, _PROSPECTS):
        named = [name for name in moments if f":{name}" in text]
        kinds = [sa.bindparam(name, type_=_MOMENT) for name in named]
        statement = sa.text(text).bindparams(*kinds)
        given = {name: moments[name] for name in named} | {"count": count}
        more = {"workspace": workspace_id} if ":workspace" in text else {}
        session.execute(statement, given | more)


def _take_statistics(url: str) -> None:
    admin = make_engine(url, gated=False).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    admin.dispose()
