"""What Google Search Console exports.

Its headers are in the language of the person's account. The translations here are the common ones;
a file in another language is recognised by the shape of its values.
"""

from __future__ import annotations

from outreach.imports.layouts.shape import Layout
from outreach.imports.rows import RowKind

_PAGE = (
    "linking page|verlinkende seite|verweisende seite|page référente|page d'origine|"
    "página de enlace|página que enlaza|página com link|página de link|pagina con link|"
    "verwijzende pagina|linkende pagina|ссылающаяся страница|ссылающиеся страницы"
)
_CRAWLED = (
    "last crawled|zuletzt gecrawlt|letztes crawling|dernière exploration|último rastreo|"
    "última rastreación|último rastreamento|ultima scansione|laatst gecrawld|"
    "последнее сканирование"
)

_SITE = "site|linking site|website|sitio|sitio web|sito|sito web|сайт"
_PAGES = (
    "linking pages|verlinkende seiten|verweisende seiten|pages référentes|pages d'origine|"
    "páginas de enlace|páginas que enlazan|páginas com link|pagine con link|linkende pagina's"
)
_TARGETS = (
    "target pages|zielseiten|pages cibles|páginas de destino|páginas alvo|pagine di "
    "destinazione|doelpagina's"
)

SEARCH_CONSOLE = (
    Layout(
        name="gsc_top_linked_pages",
        title="Search Console top linked pages",
        kind=RowKind.PAGE,
        signature=("target page|top linked page", "incoming links"),
        refusal=(
            "This is Search Console’s “Top linked pages”: it lists your own pages, not sites to "
            "ask. Export “Latest links” or “Top linking sites” instead."
        ),
    ),
    Layout(
        name="gsc_latest_links",
        title="Search Console latest links",
        kind=RowKind.BACKLINK,
        signature=(_PAGE, _CRAWLED),
        columns={"url": _PAGE, "last_seen": _CRAWLED},
    ),
    Layout(
        name="gsc_more_sample_links",
        title="Search Console more sample links",
        kind=RowKind.BACKLINK,
        signature=(_PAGE,),
        columns={"url": _PAGE},
    ),
    Layout(
        name="gsc_top_linking_sites",
        title="Search Console top linking sites",
        kind=RowKind.REFERRING_DOMAIN,
        signature=(_SITE, _PAGES),
        columns={"site": _SITE},
        site_metrics={
            _PAGES: ("search_console", "linking_pages"),
            _TARGETS: ("search_console", "target_pages"),
        },
    ),
)
