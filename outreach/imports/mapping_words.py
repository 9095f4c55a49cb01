"""Which field a header most likely names, by the names that known layouts give it."""

from __future__ import annotations

from functools import cache

from outreach.imports.layouts import LAYOUTS, normalise_header

# Names beyond those of known layouts, also in other languages.
_MORE = {
    "url": "blog url|article url|post url|link prospect|prospect|prospect url|address|adresse|lien",
    "site": "domaine|dominio|domäne|webseite|publisher|blog",
    "title": "headline|titel|titre|título|post title|article title",
    "description": "beschreibung|descripción|excerpt",
    "target_url": "destination|destination url|linked page|link target|our page|our url|to",
    "anchor": "anchor words|link text|ankertext",
    "email": "mail|e mail|correo|adresse e-mail|e-mail-adresse|email 1|primary email|work email",
    "name": "contact person|contact full name|ansprechpartner|nom|nombre|author|author name|editor",
    "first_name": "first|vorname|prénom|nombre de pila|firstname",
    "last_name": "last|nachname|apellido|apellidos|lastname",
    "outlet": "media name|outlet name|unternehmen|firma|empresa|magazine|newspaper",
    "role": "job|position|funktion",
    "phone": "telefon|téléphone|teléfono|tel",
    "country": "land|pays|país|nation|region",
    "language": "sprache|langue|idioma",
    "notes": "note|notes|comment|comments|notiz|notizen|remarks|kommentar",
    "status": "status",
    "tags": "tag|tags|etiquetas|schlagwörter",
    "ahrefs_dr": "dr|domain rating|ahrefs dr",
    "moz_da": "da|domain authority|moz da",
    "majestic_tf": "tf|trust flow|majestic tf",
    "majestic_cf": "cf|citation flow|majestic cf",
    "semrush_as": "as|authority score|ascore|semrush as|domain ascore",
    "traffic": "traffic|organic traffic|monthly traffic|domain traffic|visits",
    "rel": "rel|link type|follow/nofollow|dofollow/nofollow|link rel",
    "published_on": "published on|publication date|date published",
    "twitter": "twitter|x handle|twitter url",
    "linkedin": "linkedin|linkedin profile|linkedin url",
    "facebook": "facebook|facebook url",
    "instagram": "instagram|instagram url",
    "youtube": "youtube|youtube channel",
}


def field_of_header(header: str) -> str:
    """Return the field that a header names, "" for none we know."""
    return _index().get(normalise_header(header), "")


@cache
def _index() -> dict[str, str]:
    found: dict[str, str] = {}
    tables = [_MORE, *(layout.columns for layout in reversed(LAYOUTS))]
    for table in tables:
        for field, names in table.items():
            for name in names.split("|"):
                found.setdefault(normalise_header(name), field)
    return found
