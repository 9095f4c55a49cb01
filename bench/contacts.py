"""The pages of contacts at 100,000 people, beside the bare query and template of the same list.

`python -m bench contacts` or `python -m bench.contacts [--contacts 100000] [--engine postgresql]`

Floor: a view that makes one ORM select of the same fifty contacts' columns and draws one plain
template. Ours: the real page as a signed-in person gets it. Both answer WSGI calls in this process,
alternating; the ratio is the median of each round's CPU per request. Then the waiting time of every
question of the list and of the page of likely twins. The people are drawn with a fixed seed: one
name in twenty is somebody's at the same outlet, two in five were written to.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from sqlmodel import col, select

from bench.databases import start_server
from bench.list_page import KEY, _timed, ask, cost
from outreach.accounts.models import Membership, Workspace
from outreach.accounts.services import create_user, create_workspace, sign_in
from outreach.app import create_app
from outreach.contacts.models import Contact
from outreach.contacts.twins import outlet_order, twin_keys
from outreach.core.addresses import parse_mail_address
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, bulk_write, make_engine
from outreach.core.settings import Settings
from outreach.core.tokens import SecretBox
from outreach.sites.models import Site
from outreach.sites.services import add_missing as add_sites
from outreach.suppression.models import ContactTouch
from outreach.wiring.web import WebServices
from outreach.workflows.index_words import index_words

SEED = 20_261_121
OUTLETS = 5_000
FIRST = [f"{a}{b}" for a in ("Mi", "An", "Be", "Cla", "Da", "El", "Fi", "Gus") for b in "abdelnor"]
ENDS = ("berg", "dahl", "er", "field", "ham", "ley", "mann", "son", "ton", "well")
LAST = [a + b for a in ("Har", "Lo", "Sten", "Wal", "Pra", "Quin", "Ros", "Tam") for b in ENDS]
BEATS = ("soil", "money", "travel", "health and food", "energy", "football")
COUNTRIES = ("GB", "US", "DE", "FR", "NL", "")
COLUMNS = (
    "site_id", "kind", "name", "first_name", "role", "address", "address_key", "person_key",
    "name_order", "outlet", "outlet_order", "beat", "country", "location", "phone", "profiles",
    "time_zone", "language", "deliverability", "undeliverable_because", "lawful_basis",
    "source_url", "source_snippet", "notes", "file_facts", "twin_key", "mailbox_twin_key",
    "is_search_stale", "found_at", "created_at", "updated_at",
)  # fmt: skip
FLOOR_PAGE = """<!doctype html><title>Contacts</title><table>
{% for row in rows %}<tr><th><a href="/contacts/{{ row[0] }}">{{ row[1] }}</a></th>
{% for cell in row[2:] %}<td>{{ cell or "" }}</td>{% endfor %}</tr>{% endfor %}</table>"""
QUESTIONS = {
    "by name": "/contacts/",
    "by name, backwards": "/contacts/?dir=reversed",
    "by outlet": "/contacts/?sort=outlet",
    "newest first": "/contacts/?sort=newest",
    "last written to": "/contacts/?sort=written",
    "longest ago": "/contacts/?sort=written&dir=reversed",
    "journalists of a country": "/contacts/?kind=journalist&country=DE",
    "a rare country": "/contacts/?country=IS",
    "the same, by outlet": "/contacts/?country=IS&sort=outlet",
    "the same, last written to": "/contacts/?country=IS&sort=written",
    "a country, by outlet": "/contacts/?country=DE&sort=outlet",
    "undeliverable, newest": "/contacts/?deliverability=undeliverable&sort=newest",
    "never written to": "/contacts/?untouched=yes",
    "without an address": "/contacts/?address=no",
    "a site": "/contacts/?site=outlet-77.example",
    "an outlet, by part": "/contacts/?outlet=Outlet+77",
    "a beat": "/contacts/?beat=football",
    "search: a rare name": "/contacts/?search=person-99991",
    "search: one in eighty": "/contacts/?search=Harberg",
    "search: everyone": "/contacts/?search=example",
    "search: unfinished": "/contacts/?search=ha",
    "search: nobody": "/contacts/?search=zzzz",
    "a contact": "/contacts/4711",
    "likely twins": "/contacts/duplicates",
}


def fill(url: str, count: int) -> tuple[Database, Scope, str]:
    """Make a database of contacts with their words in the index, and a signed-in person's token."""
    database, now, dice = Database(make_engine(url)), utc_now(), random.Random(SEED)
    with database.system() as session:
        user = create_user(session, email="a@outreach.example", name="Ann", password_hash="!")
        workspace = create_workspace(session, "People", owner=user)
        session.exec(sa.delete(Workspace).where(col(Workspace.id) != workspace.id))
        membership = session.exec(select(Membership)).one()
        token = sign_in(session, user, now=now)
    scope = Scope(membership.workspace_id, user.key)
    with database.writing(scope) as session:
        names = [f"outlet-{number}.example" for number in range(OUTLETS)]
        sites = list(add_sites(session, names, now=now).values())
    for start in range(0, count, 5_000):
        numbers = range(start, min(start + 5_000, count))
        people = [_person(number, dice, sites, now) for number in numbers]
        with database.writing(scope) as session:
            bulk_write(session, Contact, COLUMNS, people)
            bulk_write(
                session,
                ContactTouch,
                ("domain", "person_key", "in_workspace_id", "user_id", "at", "outcome",
                 "source_key", "created_at", "updated_at"),
                [("", f"key-{number}", scope.workspace_id, user.key,
                  now - timedelta(minutes=dice.randrange(600_000)), "awaiting",
                  f"outbox:{number}", now, now)
                 for number in numbers if number % 5 < 2],
            )  # fmt: skip
    index_words(database, scope, limit=10_000_000)
    admin = make_engine(url, gated=False).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("VACUUM ANALYZE" if "postgres" in url else "ANALYZE")
    admin.dispose()
    return database, scope, token


def _person(number: int, dice: random.Random, sites: list[int], now: object) -> tuple[object, ...]:
    first, last, place = dice.choice(FIRST), dice.choice(LAST), dice.randrange(OUTLETS)
    name, outlet = f"{first} {last}", f"Outlet {place}"
    text = "" if number % 10 == 9 else f"person-{number}@outlet-{place}.example"
    address = parse_mail_address(text) if text else None
    if number % 20 == 0:  # a second address of somebody at the same outlet
        name, outlet = f"{FIRST[number // 40 % 64]} {LAST[number // 40 % 80]}", f"Outlet {place}"
        place = number // 40 % OUTLETS
    twins = twin_keys(name, address, site_id=sites[place], outlet=outlet)
    country = "IS" if number % 5_000 == 1 else dice.choice(COUNTRIES)
    mail = "undeliverable" if number % 100 == 3 else "unknown"
    return (
        sites[place], "journalist" if number % 3 else "person", name, first, "Editor",
        text or None, text or None, f"key-{number}" if text else "", name.casefold(), outlet,
        outlet_order(outlet), dice.choice(BEATS), country, "", "", {}, "", "", mail, "",
        "legitimate_interest", "", f"Imported from media.csv, line {number}.", "", {}, *twins, True,
        now, now, now,
    )  # fmt: skip


def floor_app(database: Database, scope: Scope) -> Flask:
    """A page of the same rows: one ORM query, one plain template, nothing of the product."""
    app = Flask("floor")
    page = app.jinja_env.from_string(FLOOR_PAGE)

    @app.get("/")
    def show() -> str:
        names = ("id", "name", "address", "kind", "role", "outlet", "deliverability", "person_key")
        with database.reading(scope) as session:
            rows = session.execute(
                sa.select(*(getattr(Contact, name) for name in names), Site.domain)
                .outerjoin(Site, col(Site.id) == Contact.site_id)
                .where(col(Contact.merged_into_id).is_(None), col(Contact.erased_at).is_(None))
                .order_by(col(Contact.name_order), col(Contact.id))
                .limit(50)
            ).all()
        return page.render(rows=rows)

    return app


def main() -> None:
    """Fill, compare with the floor, and time every question."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = start_server(given.engine, folder)
        try:
            database, scope, token = fill(server.make("contacts"), given.contacts)
            services = WebServices(
                Settings(data_dir=folder, environment="test"), database, KEY, SecretBox(KEY),
                lambda *_: None,
            )  # fmt: skip
            ours, floor = create_app(services), floor_app(database, scope)
            size = len(ask(ours, "/contacts/", token))
            print(f"{given.contacts:,} contacts, {given.engine}; the page is {size / 1e3:.0f} kB")
            _compare(floor, ours, token, given)
            for what, path in {**QUESTIONS, "far into the list": _far(ours, token)}.items():
                spent = cost(ours, path, token, 10)
                print(f"{what:28} {_timed(ours, path, token)}, CPU {spent:5.1f} ms", flush=True)
            database.engine.dispose()
        finally:
            server.close()


def _compare(floor: Flask, ours: Flask, token: str, given: argparse.Namespace) -> None:
    ratios, spent = [], []
    cost(floor, "/", "", given.requests)
    cost(ours, "/contacts/", token, given.requests)
    for _ in range(given.rounds):
        least = cost(floor, "/", "", given.requests)
        spent.append((cost(ours, "/contacts/", token, given.requests), least))
        ratios.append(spent[-1][0] / least)
    mine, least = (statistics.median(column) for column in zip(*spent, strict=True))
    print(f"CPU per request: ours {mine:.2f} ms, floor {least:.2f} ms: "
          f"{statistics.median(ratios):.1f} x")  # fmt: skip


def _far(app: Flask, token: str) -> str:
    """Return the address of a page some way into the list."""
    path = "/contacts/"
    for _ in range(60):
        page = ask(app, path, token).decode()
        path = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
        path = path.replace("&amp;", "&")
    return path


if __name__ == "__main__":
    main()
