"""Scoring inside a command, with a progress bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from outreach.activity.services import claim_job, get_job
from outreach.core.clock import utc_now
from outreach.workflows.score_prospects import request_scoring, score_prospects

if TYPE_CHECKING:
    from outreach.core.db import Scope
    from outreach.wiring.cli import CliServices


def score_here(services: CliServices, scope: Scope) -> None:
    """Score a workspace in this process, unless a worker has begun to already."""
    with services.database.writing(scope) as session:
        job_id = request_scoring(session).key
        if claim_job(session, job_id, now=utc_now()) is None:
            return
    with click.progressbar(length=1, label="Scoring  ", show_pos=True) as bar:

        def show(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        score_prospects(services.database, scope, job_id, utc_now, show)
    with services.database.reading(scope) as session:
        click.echo(get_job(session, job_id).sentence)
