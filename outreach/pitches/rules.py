"""What a pitch is made of, and what makes a template fit to be stored."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from outreach.core.errors import Invalid
from outreach.pitches.sandbox import compile_template

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS_TO_WARN = 150
WORDS_TO_WARN_JOURNALIST = 200
_WORD = re.compile(r"\w[\w’'-]*")

SIGNATURE_FIELD = "sender.signature"


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    """What a person writes into a template's form."""

    name: str
    subject: str
    body: str
    tactic: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a pitch comes from, as merge fields know them."""

    name: str
    email: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its sequence a pitch stands."""

    first_subject: str = ""
    days_since_first: int | None = None


@dataclass(frozen=True, slots=True)
class Pitch:
    """A filled-in template: what one person will read."""

    subject: str
    text: str
    warnings: tuple[str, ...] = field(default=())


def check_template(facts: TemplateFacts) -> None:
    """Refuse a template that is empty, or does more than the sandbox allows.

    Raises:
        Invalid: Says which part, which line, what is wrong and what is allowed.
    """
    if not facts.name.strip():
        raise Invalid("Give the template a name.")
    if not facts.subject.strip() or not facts.body.strip():
        raise Invalid("A template needs a subject and a text.")
    if "\n" in facts.subject.strip():
        raise Invalid("The subject is one line.")
    for part, source in (("subject", facts.subject), ("text", facts.body)):
        try:
            compile_template(source)
        except Invalid as error:
            raise Invalid(f"In the {part}: {error}") from error


def render_pitch(subject: str, body: str, values: Mapping[str, object]) -> Pitch:
    """Fill a template in.

    Args:
        subject: The template's subject.
        body: Its text; the signature is added unless it places that itself.
        values: Merge field name → value.

    Raises:
        UnresolvedField: A field that would be printed is empty; the message names it.
        Invalid: The template is not allowed, or the message too long.
    """
    compiled = compile_template(body)
    text = compiled.render(values).strip()
    signature = str(values.get(SIGNATURE_FIELD) or "").strip()
    if signature and SIGNATURE_FIELD not in compiled.fields:
        text = f"{text}\n\n{signature}"
    filled = " ".join(compile_template(subject).render(values).split())
    if not filled:
        raise Invalid("The subject comes out empty.")
    return Pitch(filled, text, _warnings(text))


def reply_subject(first_subject: str) -> str:
    """Return a follow-up's subject: anything else would begin a new thread at the reader's."""
    return f"Re: {first_subject}"


def _warnings(text: str) -> tuple[str, ...]:
    words = len(_WORD.findall(text))
    if words > WORDS_TO_WARN:
        return (f"{words} words; pitches of up to {WORDS_TO_WARN} are read to the end.",)
    return ()
