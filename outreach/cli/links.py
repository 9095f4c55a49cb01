"""`outreach links`: look at links now, or log a won one, without waiting for the crawler."""

from __future__ import annotations

import click

from outreach.activity.services import claim_job, finish_job, get_job
from outreach.activity.words import JobState
from outreach.core.clock import utc_now
from outreach.core.errors import OutreachError, Unavailable
from outreach.links.queries import get_backlink
from outreach.links.words import CheckFamily
from outreach.wiring.cli import CliServices, cli_services
from outreach.wiring.crawl_plugs import CrawlPlugs
from outreach.workflows.verify_links import CheckRun, verify_due_links, web_is_open
from outreach.workflows.win_link import WEB_IS_OFF, look_for_win, paste_win


@click.group()
def links() -> None:
    """Check links now."""


@links.command("verify")
def verify() -> None:
    """Look at every link whose look is due, in all workspaces."""
    services = cli_services()
    if not web_is_open(services.database):
        raise Unavailable(WEB_IS_OFF)
    fetcher = CrawlPlugs(services.settings, services.database).page_fetcher(services.settings)
    total = CheckRun()
    while (run := verify_due_links(services.database, fetcher, now=utc_now())).claimed:
        _add(total, run)
        click.echo(f"\rLooked at {total.looked:,} links", nl=False, err=True)
    if total.claimed:
        click.echo("", err=True)
    click.echo(total.sentence)


def _add(total: CheckRun, run: CheckRun) -> None:
    total.claimed += run.claimed
    total.lost += run.lost
    total.returned += run.returned
    for family in CheckFamily:
        total.families[family] += run.families[family]


@links.command("win")
@click.argument("page")
@click.option("--workspace", help="Name of the workspace; needed when there are several.")
def win(page: str, workspace: str | None) -> None:
    """Log the link to us on PAGE and look at it now; status 1 unless it was seen."""
    services = cli_services()
    scope = services.scope_of(workspace)
    with services.database.writing(scope) as session:
        pasted = paste_win(session, page, now=utc_now())
        claim_job(session, pasted.job_id, now=utc_now())
    fetcher = CrawlPlugs(services.settings, services.database).page_fetcher(services.settings)
    try:
        look_for_win(services.database, fetcher, scope, pasted.job_id, now=utc_now())
    except OutreachError as problem:
        with services.database.writing(scope) as session:
            finish_job(session, pasted.job_id, JobState.FAILED, str(problem), now=utc_now())
        raise
    _report(services, workspace, pasted.job_id, pasted.backlink_id)


def _report(services: CliServices, workspace: str | None, job_id: int, backlink_id: int) -> None:
    with services.database.reading(services.scope_of(workspace)) as session:
        sentence = get_job(session, job_id).sentence
        is_live = get_backlink(session, backlink_id).state.is_live
    if not is_live:
        raise click.ClickException(sentence)
    click.echo(sentence)
