"""What somebody wrote himself, without history and signatures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.mail.parts import read_parts
from outreach.mail.reply_text import (
    body_text,
    visible_reply,
    visible_reply_html,
    visible_reply_of,
)

ANSWER = "Yes, gladly.\n\nSend it over."


@pytest.mark.parametrize(
    "history",
    [
        "On Mon, Nov 16, 2026 at 10:00 AM Ann Doe <ann@firm.example> wrote:\n> Hello\n>\n> Ann",
        "On Mon, Nov 16, 2026 at 10:00 AM Ann Doe\n<ann@firm.example> wrote:\n\nHello\nAnn",
        "Am 16.11.2026 um 10:00 schrieb Ann Doe:\n> Hallo",
        "Le lun. 16 nov. 2026 à 10:00, Ann Doe <ann@firm.example> a écrit :\n> Bonjour",
        "El lun, 16 nov 2026 a las 10:00, Ann (<ann@firm.example>) escribió:\n> Hola",
        "Il giorno lun 16 nov 2026 alle 10:00 Ann <ann@firm.example> ha scritto:\n> Ciao",
        "Op ma 16 nov. 2026 om 10:00 schreef Ann <ann@firm.example>:\n> Hallo",
        "2026-11-16 10:00 GMT+01:00 Ann Doe <ann@firm.example>:\n> Hello",
        "-----Original Message-----\nFrom: Ann\nSent: Monday\n\nHello",
        "-----Ursprüngliche Nachricht-----\nVon: Ann\n\nHallo",
        "________________________________\nFrom: Ann <ann@firm.example>\nSent: Monday, 10:00\n"
        "To: Bob\nSubject: Tools\n\nHello",
        "Von: Ann\nGesendet: Montag, 16. November 2026\nAn: Bob\nBetreff: Tools\n\nHallo",
        "Begin forwarded message:\n\nFrom: Ann",
        "> Hello\n> Ann",
        "Sent from my iPhone\n\n> Hello",
        "-- \nBob\nSite",
    ],
)
def test_history_in_any_common_form_goes(history: str) -> None:
    assert visible_reply(f"{ANSWER}\n\n{history}\n") == ANSWER


def test_answers_between_quoted_lines_stay() -> None:
    text = "On Monday, 16 Nov 2026, Ann wrote:\n> One?\n\nYes.\n\n> Two?\n\nNo.\n"
    assert visible_reply(text) == "Yes.\n\nNo."


@pytest.mark.parametrize(
    "text",
    [
        "On Monday we are closed.\nOn Tuesday I wrote to Bob.",
        "From: my point of view this is fine.",
        "I wrote:\nfine",
        "To: be or not to be\nis the question",
        "Date: fine with me",
    ],
)
def test_words_that_only_look_like_history_stay(text: str) -> None:
    assert visible_reply(text) == text


def test_when_nothing_would_be_left_everything_stays() -> None:
    assert visible_reply("> Hello\n> Ann") == "> Hello\n> Ann"


@given(st.text(max_size=300))
def test_any_text_gives_some_of_itself(text: str) -> None:
    reply = visible_reply(text)
    assert bool(reply) == bool(text.strip())


@pytest.mark.parametrize(
    "history",
    [
        '<div class="gmail_quote"><div>Ann wrote:</div><blockquote>Hello</blockquote></div>',
        '<blockquote type="cite">Hello</blockquote>',
        '<div id="divRplyFwdMsg"><b>From:</b> Ann</div><div>Hello</div>',
        '<div id="appendonsend"></div><hr><div>From: Ann</div><div>Hello</div>',
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt"><b>From:</b> Ann</div><p>x</p>',
        "<p>On Mon, 16 Nov 2026, Ann &lt;ann@firm.example&gt; wrote:</p><div>Hello</div>",
    ],
)
def test_history_in_html_goes(history: str) -> None:
    head = "<html><head><style>p{}</style></head><body>"
    html = f"{head}<p>Yes,&nbsp;gladly.</p>{history}</body></html>"
    assert visible_reply_html(html) == "Yes, gladly."


def test_a_mail_of_two_kinds_is_read_from_its_plain_text() -> None:
    raw = (
        b'Content-Type: multipart/alternative; boundary="x"\n\n--x\n\nplain\n'
        b"--x\nContent-Type: text/html\n\n<p>rich</p>\n--x--\n"
    )
    assert body_text(read_parts(raw)).strip() == "plain"
    assert visible_reply_of(read_parts(raw.replace(b"plain", b" "))) == "rich"


def test_attachments_and_mails_inside_are_not_its_words() -> None:
    raw = (
        b'Content-Type: multipart/mixed; boundary="x"\n\n--x\n\nwords\n--x\nContent-Disposition: '
        b"attachment\n\nfile\n--x\nContent-Type: message/rfc822\n\nSubject: y\n\ninner\n--x--\n"
    )
    assert body_text(read_parts(raw)).strip() == "words"
