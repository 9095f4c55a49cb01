"""`outreach mail`: take in mail from files, as if it had come to a mailbox."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from outreach.adapters.mail_files import mails_in
from outreach.core.clock import utc_now
from outreach.core.errors import Conflict, Invalid, OutreachError
from outreach.mail.inbox import Place
from outreach.mail.mailboxes import all_mailboxes
from outreach.wiring.cli import cli_services
from outreach.workflows.receive_mail import Reception, keep_mail, settle_waiting

if TYPE_CHECKING:
    from outreach.core.db import Scope
    from outreach.wiring.cli import CliServices


@click.group()
def mail() -> None:
    """Read mail from files."""


@mail.command()
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--workspace", "-w", help="The workspace's name; not needed when there is one.")
@click.option("--mailbox", "-m", help="The mailbox's address; not needed when there is one.")
def ingest(*, files: tuple[Path, ...], workspace: str | None, mailbox: str | None) -> None:
    """Take in FILES: single mails (.eml), mbox files or Maildirs.

    Mails we have already are left alone, so the same file twice adds nothing.
    """
    services = cli_services()
    scope = services.scope_of(workspace)
    mailbox_id = _mailbox_of(services, scope, mailbox)
    reception = Reception(database=services.database, key=services.key, clock=utc_now)
    new = known = 0
    problems: list[str] = []
    with click.progressbar(length=_size_of(files), label="Reading", file=sys.stderr) as bar:
        for file in files:
            try:
                for message in mails_in(file):
                    is_new = keep_mail(reception, scope, mailbox_id, message, Place.FILE)
                    new, known = new + is_new, known + (not is_new)
                    bar.update(len(message.raw))
            except (OutreachError, OSError) as problem:
                problems.append(_sentence(file, problem))
    settle_waiting(reception, scope, mailbox_id)
    click.echo(f"{new:,} new, {known:,} known already, {len(problems):,} files not read.")
    if problems:
        raise Conflict(" ".join(problems))


def _size_of(files: tuple[Path, ...]) -> int:
    """Return how many bytes there are to read, at least one."""
    inside = [each for file in files for each in ([file] if file.is_file() else file.rglob("*"))]
    return max(1, sum(each.stat().st_size for each in inside if each.is_file()))


def _mailbox_of(services: CliServices, scope: Scope, address: str | None) -> int:
    with services.database.reading(scope) as session:
        mailboxes = all_mailboxes(session)
    wanted = [row for row in mailboxes if address is None or row.address == address.strip().lower()]
    if len(wanted) == 1:
        return wanted[0].key
    names = ", ".join(row.address for row in mailboxes) or "none yet; add one in Settings"
    if address is None:
        raise Invalid(f"Say which mailbox with --mailbox. There are: {names}.")
    raise Invalid(f"There is no mailbox {address}. There are: {names}.")


def _sentence(file: Path, problem: Exception) -> str:
    if isinstance(problem, OSError):
        return f"“{file.name}” cannot be read: {problem.strerror}."
    return str(problem)
