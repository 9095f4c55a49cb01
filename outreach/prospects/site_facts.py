"""What people say of a prospect's site: where it is, its language and topic, why it might link."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from outreach.core.errors import Invalid
from outreach.prospects.words import Tactic

if TYPE_CHECKING:
    from outreach.core.db import Session
    from outreach.prospects.models import Prospect

_LONGEST_TOPIC = 120
_COUNTRY = re.compile(r"[A-Z]{2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z]{2,4})?")


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What is changed in place on a prospect's page; "" is not said."""

    country: str = ""
    language: str = ""
    topic: str = ""
    tactic: str = ""

    def checked(self) -> SiteFacts:
        """Return the facts as they are kept.

        Raises:
            Invalid: A country or language is no code, or there is no such tactic.
        """
        country, language = self.country.strip().upper(), self.language.strip().lower()
        if country and not _COUNTRY.fullmatch(country):
            raise Invalid("Write a country as its two letters, such as DE.")
        if language and not _LANGUAGE.fullmatch(language):
            raise Invalid("Write a language as its code, such as en or pt-br.")
        if self.tactic and self.tactic not in set(Tactic):
            raise Invalid("There is no such tactic.")
        return SiteFacts(country, language, self.topic.strip()[:_LONGEST_TOPIC], self.tactic)


def set_facts(session: Session, prospect: Prospect, facts: SiteFacts) -> list[str]:
    """Change what is said of a prospect's site; return the names of what changed."""
    changed = [name for name, value in asdict(facts).items() if getattr(prospect, name) != value]
    for name in changed:
        setattr(prospect, name, getattr(facts, name))
    if changed:
        prospect.is_search_stale = True
    session.flush()
    return changed
