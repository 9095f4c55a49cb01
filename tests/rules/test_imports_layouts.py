"""Every vendor's header is recognised, in each encoding and delimiter it may come in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from outreach.core.errors import Invalid
from outreach.imports.layouts import LAYOUTS
from outreach.imports.parsing import read_rows
from outreach.imports.recognition import recognise
from outreach.imports.rows import BadRow, OfferRow, ParsedRow
from tests.factories_layouts import VENDORS, export

FORMS = [("utf-16", "\t"), ("utf-8", ","), ("utf-8-sig", ";"), ("cp1252", "|"), ("utf-16-be", "\t")]
PREAMBLE = "Moz Pro report\nLinks to: ours.example\n\nmade, 1 Aug 2026\nfilter; none\n\n"


def only_row(path: Path) -> ParsedRow:
    (row,) = read_rows(recognise(path))
    assert isinstance(row, ParsedRow), row
    return row


def vendor_row(folder: Path, name: str) -> ParsedRow:
    return only_row(export(folder, VENDORS[name][1]))


@pytest.mark.parametrize(("encoding", "delimiter"), FORMS)
@pytest.mark.parametrize("name", VENDORS)
def test_every_layout_is_recognised_in_every_form(
    tmp_path: Path, name: str, encoding: str, delimiter: str
) -> None:
    kind, columns = VENDORS[name]
    path = export(tmp_path, columns, encoding, delimiter)
    found = recognise(path)
    assert (found.layout.name, found.layout.kind, found.header_line) == (name, kind, 1)
    row = only_row(path)
    assert row.site == "garden.example" or row.person is not None
    assert row.line == 2


@pytest.mark.parametrize("name", VENDORS)
def test_columns_may_change_places_case_and_company(tmp_path: Path, name: str) -> None:
    columns = dict(reversed(VENDORS[name][1].items()))
    renamed = {f" {header.upper()} ": cell for header, cell in columns.items()}
    if len(columns) > 1:
        renamed["Something new"] = "x"
    assert recognise(export(tmp_path, renamed)).layout.name == name


@pytest.mark.parametrize("name", VENDORS)
def test_lines_above_a_header_are_found_by_looking(tmp_path: Path, name: str) -> None:
    path = export(tmp_path, VENDORS[name][1])
    path.write_text(PREAMBLE + path.read_text("utf-8"), "utf-8", newline="")
    found = recognise(path)
    assert (found.layout.name, found.header_line) == (name, 7)


def test_layouts_have_names_of_their_own() -> None:
    names = [layout.name for layout in LAYOUTS if layout.name != "people"]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 48  # what the table of imports keeps


def test_the_labels_of_ahrefs_pages_are_known_too(tmp_path: Path) -> None:
    columns = {
        "Ref. page URL": "https://garden.example/soil",
        "DR": "71",
        "Kw.": "12",
        "Anchor and target URL": "a guide to soil\nhttps://ours.example/guide",
    }
    row = only_row(export(tmp_path, columns))
    assert (row.anchor, row.target_key) == ("a guide to soil", "ours.example/guide")
    assert row.site_metrics == {("ahrefs", "dr"): 71.0}
    assert row.page_metrics == {("ahrefs", "keywords"): 12.0}


def test_link_intersect_tells_which_rival_a_page_links_to(tmp_path: Path) -> None:
    assert vendor_row(tmp_path, "ahrefs_link_intersect").target_key == "rival.example"


def test_figures_of_sites_and_of_pages_are_kept_apart(tmp_path: Path) -> None:
    assert vendor_row(tmp_path, "semrush_referring_domains").country == "US"
    moz = vendor_row(tmp_path, "moz_inbound_links")
    assert moz.site_metrics == {("moz", "da"): 44.0, ("moz", "spam_score"): 2.0}
    assert moz.page_metrics == {("moz", "pa"): 30.0, ("moz", "page_referring_domains"): 3.0}
    majestic = vendor_row(tmp_path, "majestic_backlinks")
    assert majestic.site_metrics == {("majestic", "topical_tf"): 15.0}
    assert majestic.page_metrics == {("majestic", "tf"): 18.0, ("majestic", "cf"): 20.0}
    assert (majestic.topic, majestic.url) == ("Home/Gardening", "http://garden.example/a%20page")


@pytest.mark.parametrize(
    ("name", "column", "cell", "rel"),
    [
        ("moz_inbound_links", "Only rel=nofollow", "Yes", {"nofollow"}),
        ("moz_inbound_links", "Only rel=nofollow", "No", set()),
        ("moz_ose_legacy", "Followable", "No", {"nofollow"}),
        ("moz_ose_legacy", "Followable", "Yes", set()),
        ("majestic_backlinks", "FlagNoFollow", "", set()),
        ("majestic_backlinks", "FlagNoFollow", "NoFollow", {"nofollow"}),
        ("semrush_backlinks", "Ugc", "TRUE", {"nofollow", "ugc"}),
    ],
)
def test_every_vendors_way_to_say_nofollow_is_understood(
    tmp_path: Path, name: str, column: str, cell: str, rel: set[str]
) -> None:
    columns = VENDORS[name][1] | {column: cell}
    assert only_row(export(tmp_path, columns)).rel == frozenset(rel)


def test_rows_of_majestic_with_a_wrong_number_of_cells_are_set_aside(tmp_path: Path) -> None:
    path = export(tmp_path, VENDORS["majestic_backlinks"][1])
    with path.open("a", encoding="utf-8") as file:
        file.write("http://ours.example/,http://garden.example/x,too short\n")
    _, refused = read_rows(recognise(path))
    assert isinstance(refused, BadRow)
    assert (refused.line, refused.reason) == (
        3,
        "This row has 3 cells where the header has 11.",
    )


def test_a_partner_brings_its_person_and_its_prices(tmp_path: Path) -> None:
    row = vendor_row(tmp_path, "pitchbox_partners")
    assert row.person is not None
    assert (row.person.name, row.email, row.tags) == ("Ann Lee", "ann@garden.example", ("Home",))
    assert row.offers == (OfferRow("guest post", "$90", "follow"),)
    bought = vendor_row(tmp_path, "buzzstream_link_partners")
    assert bought.offers == (OfferRow("link", "120", ""),)
    assert (bought.first_seen, bought.status) == (date(2026, 3, 4), "Purchase")
    assert bought.person is None


@pytest.mark.parametrize(
    ("columns", "offers"),
    [
        ({}, ()),
        ({"Contact Email": "ann@garden.example"}, ()),
        (
            {"Link Type": "Guest Post", "Link Type Price": "90", "Link Type Rel": "nofollow"},
            (OfferRow("Guest Post", "90", "nofollow"),),
        ),
        (
            {"Affiliate Price": "10", "Affiliate Rel": "", "Banner Price": "5"},
            (OfferRow("affiliate", "10", ""), OfferRow("banner", "5", "")),
        ),
        (
            {"Link Type": "Review", "Link Type Price": "7", "Guest Post Price": "90"},
            (OfferRow("Review", "7", ""), OfferRow("guest post", "90", "")),
        ),
    ],
)
def test_all_five_shapes_of_pitchbox_are_read(
    tmp_path: Path, columns: dict[str, str], offers: tuple[OfferRow, ...]
) -> None:
    path = export(tmp_path, {"Partner URL": "https://garden.example/", **columns})
    assert recognise(path).layout.name == "pitchbox_partners"
    assert only_row(path).offers == offers


def test_a_media_list_becomes_people(tmp_path: Path) -> None:
    row = vendor_row(tmp_path, "muckrack_media_list")
    assert row.person is not None
    assert row.person._asdict() == {
        "name": "Ann Lee",
        "first_name": "Ann",
        "last_name": "Lee",
        "email": "ann@garden.example",
        "role": "Editor",
        "outlet": "The Garden",
        "outlet_url": "",
        "beat": "soil; bees",
        "country": "GB",
        "location": "Leeds",
        "phone": "",
        "profiles": (("twitter", "@annlee"),),
        "notes": "met in May",
        "is_generic": False,
    }


def test_people_without_an_address_keep_their_name(tmp_path: Path) -> None:
    row = vendor_row(tmp_path, "muckrack_people")
    assert row.person is not None
    assert (row.email, row.person.name, row.site) == ("", "Ann Lee", "")


def test_several_addresses_in_one_cell_lose_nothing(tmp_path: Path) -> None:
    row = vendor_row(tmp_path, "prowly_contacts")
    assert row.person is not None
    assert row.email == "ann@garden.example"
    assert row.person.notes == "Other addresses: desk@garden.example."
    assert (row.site, row.tags) == ("garden.example", ("soil", "bees"))
    assert row.person.profiles == (("linkedin", "in/annlee"),)


def test_a_media_list_keeps_its_status_and_its_sites(tmp_path: Path) -> None:
    row = vendor_row(tmp_path, "valosan_media_list")
    assert (row.status, row.site) == ("PITCHED", "garden.example")


def test_coverage_has_its_author_and_its_day(tmp_path: Path) -> None:
    row = vendor_row(tmp_path, "muckrack_coverage")
    assert row.person is not None
    assert (row.person.name, row.person.notes) == ("Ann Lee", "Written with Bo Day.")
    assert (row.published_on, row.title) == (date(2026, 9, 15), "Soil is back")
    assert row.site_metrics == {("muckrack", "uvm"): 1_200_000.0}


@pytest.mark.parametrize(
    ("email", "name", "reason"),
    [
        ("", "", "There is neither an email address nor a name."),
        ("ann at garden", "Ann", "“ann at garden” is not an email address."),
    ],
)
def test_nobody_is_no_person(tmp_path: Path, email: str, name: str, reason: str) -> None:
    path = export(tmp_path, {"Email": email, "Name": name, "Outlet": "The Garden"})
    (row,) = read_rows(recognise(path))
    assert isinstance(row, BadRow)
    assert row.reason == reason


def test_a_desk_is_told_from_a_person(tmp_path: Path) -> None:
    row = only_row(export(tmp_path, {"Email": "newsroom@garden.example", "Company": "The Garden"}))
    assert row.person is not None
    assert row.person.is_generic


def test_own_pages_are_refused_with_the_way_out(tmp_path: Path) -> None:
    columns = {"Target page": "https://ours.example/", "Incoming links": "5", "Linking sites": "2"}
    with pytest.raises(Invalid, match=r"your own pages.*Latest links"):
        recognise(export(tmp_path, columns))
