"""`outreach people`: links for those who cannot get in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from outreach.accounts.queries import find_user_by_email, has_users
from outreach.accounts.services import make_link
from outreach.accounts.words import LinkPurpose
from outreach.core.clock import utc_now
from outreach.core.errors import Conflict, NotFound
from outreach.wiring.cli import cli_services

if TYPE_CHECKING:
    from outreach.core.settings import Settings


@click.group()
def people() -> None:
    """Setup and reset links for people."""


@people.command("setup-link")
def setup_link() -> None:
    """Print a one-time link that makes the owner of a new installation."""
    services = cli_services()
    with services.database.system() as session:
        if has_users(session):
            raise Conflict("There is an owner already. Use: outreach people reset-link ADDRESS")
        token = make_link(session, LinkPurpose.SETUP, now=utc_now())
    click.echo(f"{base_url(services.settings)}/setup/{token}")


@people.command("reset-link")
@click.argument("address")
def reset_link(address: str) -> None:
    """Print a one-time link with which a person chooses a new password."""
    services = cli_services()
    with services.database.system() as session:
        user = find_user_by_email(session, address)
        if user is None:
            raise NotFound("Nobody here has this address.")
        token = make_link(session, LinkPurpose.PASSWORD_RESET, now=utc_now(), user_id=user.key)
    click.echo(f"{base_url(services.settings)}/password-resets/{token}")


def base_url(settings: Settings) -> str:
    """Where people reach the app."""
    return settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
