"""`outreach demo`: it plays, it fails loudly, and it reaches nobody outside."""

from __future__ import annotations

import asyncio
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest
from click.testing import CliRunner

from outreach.accounts.services import WEB_ACCESS, set_switch
from outreach.activity.models import Job
from outreach.activity.services import get_job
from outreach.activity.words import JobState
from outreach.adapters.http_pages import FetchPolicy, HttpPageFetcher
from outreach.cli import main as command
from outreach.cli.demo import demo
from outreach.demo.cast import OUR_PATH, OUR_SITE, WILLING, page_url
from outreach.demo.live import working
from outreach.demo.play import SCENES, SceneFailed, Told, play_all
from outreach.demo.scenes_prospects import open_doors
from outreach.demo.stage import Stage, expect, set_stage
from outreach.demo.web import DemoWeb, LoopbackResolver
from outreach.jobs.queues import LazyWaker
from outreach.ports.pages import FailureKind, FetchFailure, PageFacts, PageRequest
from outreach.workflows.read_pages import request_reading


@pytest.mark.sqlite_only
def test_the_whole_job_is_played_and_summed_up() -> None:
    """The demo asserts every scene itself, so that it ended well is the proof."""
    played = CliRunner().invoke(demo, ["--no-serve"])
    assert played.exception is None, played.output
    assert played.exit_code == 0
    for name, _ in SCENES:
        assert name in played.output
    assert re.search(rf"Scenes played, each checked +{len(SCENES) + 1}\n", played.output)


def test_a_scene_that_goes_wrong_stops_the_play_and_is_named(tmp_path: Path) -> None:
    def go_wrong(_stage: Stage) -> str:
        expect(None, "one is more than two")
        return "never said"

    told: list[Told] = []
    begun: list[str] = []
    scenes = (("Fine", lambda _: "well"), ("Wrong", go_wrong), ("After it", lambda _: "no"))
    with set_stage(tmp_path, port=1) as stage, pytest.raises(SceneFailed) as failure:
        play_all(
            stage,
            on_begin=lambda _number, _total, name: begun.append(name),
            on_told=told.append,
            scenes=scenes,
        )
    assert str(failure.value) == "Scene 2, “Wrong”, failed. Missed: one is more than two"
    assert begun == ["Fine", "Wrong"]
    assert [scene.name for scene in told] == ["Fine"]


def test_a_failed_scene_ends_the_command_with_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def go_wrong(_stage: Stage) -> str:
        raise KeyError("lost")

    monkeypatch.setattr("outreach.demo.play.SCENES", (("Wrong", go_wrong),))
    with pytest.raises(SystemExit) as end:
        command.main(["demo", "--no-serve"])
    assert end.value.code == 1
    assert "Scene 1, “Wrong”, failed. KeyError: 'lost'" in capsys.readouterr().err


def test_without_its_mail_servers_the_demo_names_the_extra_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "pymap" else find(name)
    )
    with pytest.raises(SystemExit) as end:
        command.main(["demo", "--no-serve"])
    assert end.value.code == 1
    assert "pip install 'outreach[demo]'" in capsys.readouterr().err


def test_after_the_play_its_worker_does_what_the_pages_ask_for(tmp_path: Path) -> None:
    with set_stage(tmp_path, port=1) as stage:
        open_doors(stage)
        with stage.database.system() as session:
            set_switch(session, WEB_ACCESS, on=True)
        with working(stage):
            with stage.database.writing(stage.scope) as session:
                job_id = request_reading(session, asset_ids=[stage.ids["asset"]]).key
            waker = LazyWaker(stage.settings, stage.key)
            waker.wake("crawl", "run_job_crawl", stage.scope.workspace_id or 0, job_id)
            job = _ended(stage, job_id)
    assert job.state is JobState.DONE
    assert job.sentence == "Read 1 of 1 pages."


def _ended(stage: Stage, job_id: int) -> Job:
    """Wait for the worker's own thread, as long as a slow machine may take."""
    for _ in range(300):
        with stage.database.reading(stage.scope) as session:
            job = get_job(session, job_id)
        if job.is_over:
            return job
        Event().wait(0.05)
    raise AssertionError("the worker has not come to it in time")


def test_only_names_that_play_lead_anywhere() -> None:
    resolver = LoopbackResolver(frozenset({OUR_SITE}))
    assert asyncio.run(resolver.addresses_of(OUR_SITE)) == ["127.0.0.1"]
    with pytest.raises(OSError, match="does not play"):
        asyncio.run(resolver.addresses_of("example.com"))


def test_the_guard_stays_closed_for_hosts_the_operator_has_not_opened() -> None:
    with DemoWeb() as web:
        resolver = LoopbackResolver(web.hosts)
        opened = HttpPageFetcher(FetchPolicy(allowed_hosts=web.allowed_hosts), resolver=resolver)
        closed = HttpPageFetcher(FetchPolicy(), resolver=resolver)
        url = page_url(OUR_SITE, OUR_PATH, web.port)
        (seen,) = opened.fetch([PageRequest(url)])
        (refused,) = closed.fetch([PageRequest(page_url(WILLING.site, "/", 80))])
    assert isinstance(seen.outcome, PageFacts)
    assert seen.outcome.title == "The Soil Atlas"
    assert isinstance(refused.outcome, FetchFailure)
    assert refused.outcome.kind is FailureKind.FORBIDDEN_ADDRESS


def test_listing_commands_loads_neither_the_demo_nor_its_servers() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from outreach.cli.main import outreach;"
        "assert CliRunner().invoke(outreach, ['--help']).exit_code == 0;"
        "print([name for name in sys.modules if name.startswith(('outreach.demo', 'aiosmtpd'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
