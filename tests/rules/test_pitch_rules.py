"""Filling a pitch in, its HTML twin, and what a template must have."""

from __future__ import annotations

import pytest

from outreach.core.errors import Invalid
from outreach.mail.text_html import html_of
from outreach.pitches.rules import TemplateFacts, check_template, render_pitch, reply_subject
from outreach.pitches.sandbox import UnresolvedField

VALUES = {
    "contact.first_name": "Nora",
    "asset.url": "https://ours.example/a?b=1&c=2",
    "sender.signature": "Jo\nOurs",
    "personal": "",
}


def test_a_pitch_carries_the_signature_once() -> None:
    plain = render_pitch("Hi {{ contact.first_name }}", "Hello.", VALUES)
    placed = render_pitch("Hi", "{{ sender.signature }}\nHello.", VALUES)

    assert plain.subject == "Hi Nora"
    assert plain.text == "Hello.\n\nJo\nOurs"
    assert placed.text == "Jo\nOurs\nHello."


def test_a_hole_is_never_printed() -> None:
    with pytest.raises(UnresolvedField, match="personal"):
        render_pitch("Hi", "{{ personal }}", VALUES)
    assert render_pitch("Hi", "{{ personal|default('Well') }}", VALUES).text.startswith("Well")
    with pytest.raises(Invalid, match="comes out empty"):
        render_pitch("{% if personal %}x{% endif %}", "Hello", VALUES)


def test_long_pitches_are_warned_about() -> None:
    assert render_pitch("Hi", "word " * 140, VALUES).warnings == ()
    assert render_pitch("Hi", "word " * 160, VALUES).warnings[0].startswith("162 words")


@pytest.mark.parametrize(
    ("name", "subject", "body", "said"),
    [
        ("", "Hi", "Hello", "name"),
        ("One", " ", "Hello", "needs a subject and a text"),
        ("One", "a\nb", "Hello", "one line"),
        ("One", "{{ 1 + 1 }}", "Hello", "In the subject: Line 1: arithmetic"),
        ("One", "Hi", "a\nb\n{{ x.__class__ }}", "In the text: Line 3"),
    ],
)
def test_a_template_is_refused_with_the_place_and_the_reason(
    name: str, subject: str, body: str, said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        check_template(TemplateFacts(name, subject, body))


def test_a_follow_up_has_the_first_subject_and_nothing_else() -> None:
    assert reply_subject("Your page") == "Re: Your page"


def test_the_html_part_says_the_same_and_nothing_can_be_smuggled_into_it() -> None:
    text = "Hello <b>Nora</b> & co.\n\nSee https://ours.example/a?b=1&c=2.\nBye"

    html = html_of(text)

    assert "<p>Hello &lt;b&gt;Nora&lt;/b&gt; &amp; co.</p>" in html
    link = '<a href="https://ours.example/a?b=1&amp;c=2">https://ours.example/a?b=1&amp;c=2</a>.'
    assert f"<p>See {link}<br>\nBye</p>" in html
    assert html_of('https://x.example/"onclick="alert(1)').count('"') == 2
    assert "<script" not in html_of("javascript:alert(1) <script>")
    assert "href" not in html_of("javascript:alert(1)")
