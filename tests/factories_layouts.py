"""One file of each layout we know: the vendor's columns, in its order, and one row."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from outreach.imports.rows import RowKind

if TYPE_CHECKING:
    from pathlib import Path

# A table of names and cells for each layout, in the vendor's order, with one row each.
VENDORS: dict[str, tuple[RowKind, dict[str, str]]] = {
    "ahrefs_backlinks": (
        RowKind.BACKLINK,
        {
            "Referring page title": "Soil",
            "Referring page URL": "https://garden.example/soil?a=1,2",
            "Language": "en",
            "Referring page HTTP code": "200",
            "Domain rating": "71.0",
            "UR": "12",
            "Domain traffic": "1,240",
            "Target URL": "https://ours.example/guide",
            "Left context": "said “so,\nand so”",
            "Anchor": "a guide",
            "Redirect Chain URLs": "",
            "Is spam": "false",
            "Nofollow": "true",
            "UGC": "false",
            "Sponsored": "false",
            "First seen": "2026-01-02 03:04:05",
            "Lost": "",
            "Links in group": "1",
        },
    ),
    "ahrefs_broken_backlinks": (
        RowKind.BACKLINK,
        {
            "Referring page title": "Soil",
            "Referring page URL": "https://garden.example/soil",
            "Domain rating": "71.0",
            "Target URL": "https://ours.example/gone",
            "Target page HTTP code": "404",
            "Anchor": "a guide",
            "Target checked": "2026-01-02",
            "Ref. page checked": "2026-01-03",
        },
    ),
    "ahrefs_link_intersect": (
        RowKind.PAGE,
        {
            "Referring page title": "Soil",
            "Referring page URL": "https://garden.example/soil",
            "Domain rating": "71.0",
            "Intersect": "1",
            "ours.example/": "",
            "rival.example/": "https://rival.example/x",
        },
    ),
    "ahrefs_referring_domains": (
        RowKind.REFERRING_DOMAIN,
        {
            "Domain": "garden.example",
            "Is spam": "false",
            "DR": "71",
            "Dofollow ref. domains": "12",
            "Dofollow linked domains": "8",
            "Traffic ": "1,240",
            "Keywords ": "9",
            "Links to target": "3",
            "First seen": "2026-01-02",
            "Lost": "",
        },
    ),
    "semrush_backlinks": (
        RowKind.BACKLINK,
        {
            "Page ascore": "33",
            "Source title": "Soil",
            "Source url": "https://garden.example/soil",
            "Target url": "https://ours.example/",
            "Anchor": "ours",
            "External links": "4",
            "Nofollow": "TRUE",
            "Sponsored": "FALSE",
            "Ugc": "FALSE",
            "First seen": "2026-01-02",
            "Lost link": "FALSE",
        },
    ),
    "semrush_backlinks_legacy": (
        RowKind.BACKLINK,
        {
            "Page score": "3",
            "Page trust score": "9",
            "Source title": "Soil",
            "Source url": "https://garden.example/soil",
            "Target url": "https://ours.example/",
            "Nofollow": "FALSE",
            "Last seen": "2026-01-02",
        },
    ),
    "semrush_referring_domains": (
        RowKind.REFERRING_DOMAIN,
        {"Domain ascore": "40", "Domain": "garden.example", "Backlinks": "5", "Country": "us"},
    ),
    "semrush_backlink_gap": (RowKind.PAGE, {"Domain": "garden.example", "MaxAS": "40"}),
    "moz_inbound_links": (
        RowKind.BACKLINK,
        {
            "URL": "garden.example/soil",
            "Title": "Soil",
            "Anchor Text": "ours",
            "Spam Score": "2%",
            "Page Authority": "30",
            "Domain Authority": "44",
            "Number of Domains Linking to this Page": "3",
            "Target URL": "ours.example/",
            "Only rel=nofollow": "Yes",
            "Only follow": "No",
            "301": "No",
        },
    ),
    "moz_ose_legacy": (
        RowKind.BACKLINK,
        {
            "URL": "http://garden.example/soil",
            "Title": "Soil",
            "Anchor Text": "ours",
            "Page Authority": "30",
            "Domain Authority": "44",
            "Followable": "No",
            "Target URL": "ours.example/",
        },
    ),
    "moz_top_pages": (
        RowKind.PAGE,
        {
            "URL": "garden.example/soil",
            "Title": "Soil",
            "PA": "30",
            "Total Links": "1.2K",
            "Linking Domains to Page": "4",
        },
    ),
    "majestic_backlinks": (
        RowKind.BACKLINK,
        {
            "Target URL": "http://ours.example/",
            "Source URL": "http://garden.example/a page",
            "Anchor Text": "ours",
            "Source Crawl Date": "2026-02-03",
            "Source First Found Date": "2026-01-02",
            "FlagNoFollow": "NoFollow",
            "FlagRedirect": "",
            "SourceCitationFlow": "20",
            "SourceTrustFlow": "18",
            "SourceTopicalTrustFlow_Topic_0": "Home/Gardening",
            "RefDomainTopicalTrustFlow_Value_0": "15",
        },
    ),
    "gsc_latest_links": (
        RowKind.BACKLINK,
        {"Linking page": "https://garden.example/soil?a=1,2", "Last crawled": "Sep 15, 2026"},
    ),
    "gsc_more_sample_links": (RowKind.BACKLINK, {"Linking page": "https://garden.example/soil"}),
    "gsc_top_linking_sites": (
        RowKind.REFERRING_DOMAIN,
        {"Site": "garden.example", "Linking pages": "1,240", "Target pages": "3"},
    ),
    "agencyanalytics_backlinks": (
        RowKind.BACKLINK,
        {
            "Link": "https://garden.example/soil",
            "Anchor Text": "ours",
            "Trust Flow": "18",
            "Citation Flow": "20",
        },
    ),
    "buzzstream_link_partners": (
        RowKind.PARTNER,
        {
            "Link Partner - Name": "The Garden",
            "Link Partner - Domain": "garden.example",
            "Linking from": "https://garden.example/soil",
            "Linking To": "https://ours.example/",
            "Anchor Text": "ours",
            "Acquisition Method": "Purchase",
            "Payment - Amount": "120",
            "Payment - Start date": "03/04/2026",
        },
    ),
    "pitchbox_partners": (
        RowKind.PARTNER,
        {
            "Partner URL": "garden.example",
            "Partner Category": "Home",
            "Contact Email": "ann@garden.example",
            "Contact Name": "Ann Lee",
            "Guest Post Price": "$90",
            "Guest Post Rel": "follow",
            "Sponsored Price": "",
        },
    ),
    "muckrack_media_list": (
        RowKind.PERSON,
        {
            "first_name": "Ann",
            "last_name": "Lee",
            "is_generic_contact": "",
            "email": "ann@garden.example",
            "media_outlets": "The Garden",
            "title": "Editor",
            "twitter": "@annlee",
            "beat": "soil; bees",
            "city": "Leeds",
            "country": "United Kingdom",
            "media_list_note": "met in May",
        },
    ),
    "muckrack_coverage": (
        RowKind.COVERAGE,
        {
            "Article": "Soil is back",
            "URL": "https://garden.example/soil",
            "Author": "Ann Lee and Bo Day",
            "Media Outlet": "The Garden",
            "Published": "Sep 15, 2026",
            "UVM (Insights by Similarweb)": "1.2M",
            "Snippet": "It is.",
            "Topics": "soil, bees",
            "Total Engagement": "12",
        },
    ),
    "muckrack_people": (
        RowKind.PERSON,
        {"Name": "Ann Lee", "Outlet": "The Garden", "Email": "", "Beat": "soil", "Title": "Editor"},
    ),
    "prowly_contacts": (
        RowKind.PERSON,
        {
            "email": "ann@garden.example; desk@garden.example",
            "outlet": "The Garden",
            "first name": "Ann",
            "last name": "Lee",
            "role": "Editor",
            "tag list": "soil;bees",
            "Linkedin profile": "in/annlee",
            "link": "https://garden.example",
        },
    ),
    "valosan_media_list": (
        RowKind.PERSON,
        {
            "Status": "PITCHED",
            "Email": "ann@garden.example",
            "First name": "Ann",
            "Last name": "Lee",
            "Title": "Editor",
            "Company": "The Garden",
            "Company website": "www.garden.example",
            "Interests": "soil",
        },
    ),
    "majestic_million": (
        RowKind.RANKS,
        {"GlobalRank": "1", "TldRank": "1", "Domain": "garden.example", "RefSubNets": "9"},
    ),
}


def export(
    folder: Path, columns: dict[str, str], encoding: str = "utf-8", delimiter: str = ","
) -> Path:
    """Write a header and one row as a vendor does."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerow(columns.values())
    path = folder / "export.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    return path
