"""The last part: the link that was won, watched, lost and back, and what the profile says."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from outreach.activity.services import Subject, claim_job, get_job
from outreach.activity.words import JobState
from outreach.adapters.backup import read_manifest, write_backup
from outreach.campaigns.words import Stage as Place
from outreach.core.clock import utc_now
from outreach.demo.cast import OUR_PATH, OUR_SITE, QUIET, WILLING, page_url
from outreach.demo.live import make_app
from outreach.demo.stage import Stage, expect
from outreach.desk.profile import figures, months
from outreach.desk.recount import wrong_columns
from outreach.links.queries import checks_of, find_won_link, get_backlink
from outreach.links.words import CheckFamily, CheckReason, LinkState
from outreach.reminders.queries import reminders_about
from outreach.sequences.queries import enrollments_of_opportunity
from outreach.sequences.words import EnrollmentState
from outreach.workflows.start_pitching import why_not_to_pitch
from outreach.workflows.verify_links import verify_due_links
from outreach.workflows.win_link import look_for_win, paste_win

if TYPE_CHECKING:
    from collections.abc import Callable

    from outreach.links.models import Backlink, LinkCheck

_UNSUBSCRIBE = re.compile(r"<https?://[^/>]+(/u/[^>]+)>")
_ANCHOR = "The Soil Atlas"
_A_DAY = timedelta(hours=24)


def win_it(stage: Stage) -> str:
    """Nora has put the link on her page: one paste, and everything else is read from the page."""
    stage.wait(days=1)
    stage.web.show(WILLING, stage.web.link(_ANCHOR))
    with stage.database.writing(stage.scope) as session:
        opportunity = stage.opportunity(session, WILLING)
        url = page_url(WILLING.site, WILLING.path, stage.web.port)
        pasted = paste_win(session, url, opportunity_id=opportunity.key, now=stage.now)
        claim_job(session, pasted.job_id, now=stage.now)
    stage.ids["backlink"] = pasted.backlink_id
    look_for_win(stage.database, stage.fetcher, stage.scope, pasted.job_id, now=stage.now)
    with stage.database.reading(stage.scope) as session:
        job = get_job(session, pasted.job_id)
        link, won = (
            get_backlink(session, pasted.backlink_id),
            find_won_link(session, link_id(stage)),
        )
        place = stage.opportunity(session, WILLING).stage
    expect(job.state is JobState.DONE, f"the first look ended well, not with {job.sentence!r}")
    expect(link.state is LinkState.LIVE, f"the link is live, not {link.state}")
    expect(
        won and (won.agreed_anchor, won.agreed_rel) == (_ANCHOR, "follow"), "the contract is kept"
    )
    expect(won and won.agreed_target_url == page_url(OUR_SITE, OUR_PATH, stage.web.port), "target")
    expect(place is Place.WON, f"the opportunity is won, not {place}")
    return job.sentence


def find_it_there(stage: Stage) -> str:
    """An hour later the link is still there, and unchanged."""
    check = _next_look(stage)
    expect(check.family is CheckFamily.SEEN, f"the link is seen, not {check.family}")
    expect(_link(stage).state is LinkState.LIVE, "the link stays live")
    return f"Looked again after an hour: {check.reason.replace('_', ' ')}."


def find_it_nofollow(stage: Stage) -> str:
    """The next day the link is marked nofollow: live, but not as agreed."""
    stage.web.show(WILLING, stage.web.link(_ANCHOR, rel="nofollow"))
    check = _next_look(stage)
    expect(check.reason == CheckReason.NOFOLLOW_ADDED, f"nofollow is noticed, not {check.reason}")
    expect(_link(stage).state is LinkState.LIVE_CHANGED, "the link is live, but changed")
    return "The link is marked nofollow now: live, but not as agreed."


def find_nothing_out(stage: Stage) -> str:
    """The server has a bad day: we cannot tell, and that is never “lost”."""
    stage.web.show(WILLING, status=503)
    check = _next_look(stage)
    expect(check.family is CheckFamily.CANNOT_TELL, f"we cannot tell, not {check.family}")
    expect(_link(stage).state is LinkState.LIVE_CHANGED, "nothing is concluded from a 503")
    return "The server answered 503, so nothing was concluded."


def lose_it(stage: Stage) -> str:
    """The link is gone: missing at the first look, lost at the second, a day apart."""
    stage.web.show(WILLING)
    first = _next_look(stage)
    expect(_link(stage).state is LinkState.MISSING_ONCE, "after one look it is only missing")
    second = _next_look(stage)
    link = _link(stage)
    expect(link.state is LinkState.LOST, f"after the second it is lost, not {link.state}")
    expect(second.checked_at - first.checked_at >= _A_DAY, "a day and more lies between the two")
    with stage.database.reading(stage.scope) as session:
        open_ones = reminders_about(session, Subject("backlink", link.key))
    expect(len(open_ones) == 1, f"one reminder asks for the link back, not {len(open_ones)}")
    return f"Two looks a day apart found nothing. Reminder: {open_ones[0].text}"


def get_it_back(stage: Stage) -> str:
    """The link returns: reclaimed, and the reminder settles itself."""
    stage.web.show(WILLING, stage.web.link(_ANCHOR))
    _next_look(stage)
    link = _link(stage)
    expect(link.state is LinkState.RECLAIMED, f"the link is reclaimed, not {link.state}")
    with stage.database.reading(stage.scope) as session:
        open_ones = reminders_about(session, Subject("backlink", link.key))
    expect(not open_ones, "the reminder is done")
    stage.note("Looks at the won link", link.check_count)
    return f"The link is back after {link.check_count} looks, and its reminder is done."


def be_silent(stage: Stage) -> str:
    """One click on the link in our mail, and nobody here writes to that person again."""
    mail = stage.post.sent_to(QUIET)[-1]
    found = _UNSUBSCRIBE.search(str(mail.head["List-Unsubscribe"]))
    expect(found, "our mails carry an unsubscribe link")
    assert found is not None
    browser = make_app(stage).test_client()
    expect(browser.get(found[1]).status_code == 200, "the link opens a page with one button")
    _expect_enrollment(stage, EnrollmentState.ACTIVE, "following a link alone changes nothing")
    expect(browser.post(found[1]).status_code == 200, "the button answers")
    _expect_enrollment(stage, EnrollmentState.STOPPED, "the sequence stops")
    with stage.database.reading(stage.scope) as session:
        opportunity_id = stage.opportunity(session, QUIET).key
        refusals = why_not_to_pitch(session, opportunity_id, stage.now).refusals
    asked = [said for said in refusals if "asked not to be written to" in said]
    expect(asked, f"nobody here pitches them again, not only {refusals}")
    return f"One click stopped the sequence. A new pitch: {asked[0]}"


def _expect_enrollment(stage: Stage, state: EnrollmentState, said: str) -> None:
    with stage.database.reading(stage.scope) as session:
        opportunity = stage.opportunity(session, QUIET)
        enrollment = enrollments_of_opportunity(session, opportunity.key)[0].enrollment
    expect(enrollment.state is state, f"{said}; it is {enrollment.state}")


def sum_up(stage: Stage) -> str:
    """The profile's figures, and every copied column equal to its recount."""
    expect(stage.now <= utc_now(), "the play has not run ahead of the real clock")
    stage.wait_until(utc_now())
    with stage.database.reading(stage.scope) as session:
        found, by_month = figures(session), months(session, now=stage.now)
        wrong = wrong_columns(session)
    expect((found.links, found.domains, found.followed) == (1, 1, 1), f"one link, not {found}")
    expect(sum(month.gained for month in by_month) == 1, "one link was gained")
    expect(not wrong, f"every column equals its recount, not {wrong}")
    stage.note("Standing links, domains, followed", "1, 1, 1")
    return "One standing link from one domain, followed; one gained and one lost on the way."


def back_up(stage: Stage) -> str:
    """Write a backup of everything and read it again."""
    target = stage.settings.data_dir / "demo-backup.zip"
    size = write_backup(stage.settings, target, now=stage.now)
    manifest = read_manifest(target)
    expect(manifest.engine == "sqlite", "the backup says what it is")
    stage.note("Backup", f"{size / 1e6:,.1f} MB")
    return f"{target.name}, {size / 1e6:,.1f} MB, whole and readable; the secret key is not in it."


def link_id(stage: Stage) -> int:
    """Return the won link."""
    return stage.ids["backlink"]


def _link(stage: Stage) -> Backlink:
    with stage.database.reading(stage.scope) as session:
        return get_backlink(session, link_id(stage))


def _next_look(stage: Stage) -> LinkCheck:
    """Let time pass until the link is due, and do what the crawler does then."""
    due = _link(stage).next_check_at
    expect(due, "another look is planned")
    assert due is not None
    before = verify_due_links(stage.database, stage.fetcher, now=stage.now)
    expect(before.claimed == 0 or due <= stage.now, "nobody looks before it is due")
    stage.wait_until(due)
    run = verify_due_links(stage.database, stage.fetcher, now=stage.now)
    expect(run.claimed + before.claimed == 1, f"one link is looked at, not {run.claimed}")
    with stage.database.reading(stage.scope) as session:
        return checks_of(session, link_id(stage), limit=1)[0]


SCENES: tuple[tuple[str, Callable[[Stage], str]], ...] = (
    ("The link that was won", win_it),
    ("Still there", find_it_there),
    ("Nofollow", find_it_nofollow),
    ("A server in trouble", find_nothing_out),
    ("Lost", lose_it),
    ("Reclaimed", get_it_back),
    ("Unsubscribed by one click", be_silent),
    ("The profile", sum_up),
    ("A backup", back_up),
)
