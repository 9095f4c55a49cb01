from __future__ import annotations

import pytest
from markupsafe import Markup

from outreach.core.errors import Invalid
from outreach.pitches.merge_fields import MERGE_FIELDS
from outreach.pitches.sandbox import UnresolvedField, compile_template, used_fields

FILLED: dict[str, object] = {
    "contact.first_name": "Nora",
    "page.title": "Ten books",
    "asset.anchors": ["soil atlas", "maps"],
    "sequence.days_since_first": 4,
}


def render(source: str, **more: object) -> str:
    return compile_template(source).render({**FILLED, **more})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Plain text, 100 % of it {not a tag}\n", "Plain text, 100 % of it {not a tag}\n"),
        ("Hi {{ contact.first_name }},", "Hi Nora,"),
        ("{% if contact.first_name %}A{% elif personal %}B{% else %}C{% endif %}", "A"),
        ("{% if personal %}A{% else %}C{% endif %}", "C"),
        ("{% if not personal and page.title == 'Ten books' %}yes{% endif %}", "yes"),
        ("{% if contact.beat != '' or personal == '' %}yes{% endif %}", "yes"),
        ("{{ 'a' if personal else 'b' }}", "b"),
        ("{% for anchor in asset.anchors %}[{{ anchor|upper }}]{% endfor %}", "[SOIL ATLAS][MAPS]"),
        ("{% for x in asset.topics %}{{ x }}{% else %}none{% endfor %}", "none"),
        ("{{ asset.anchors }}", "soil atlas, maps"),
        ("{{ asset.anchors|join(' or ') }}", "soil atlas or maps"),
        ("{{ contact.name|default('there') }}", "there"),
        ("{{ contact.name|upper|default('there') }}", "there"),
        ("{{ page.title|truncate(5) }}", "Ten…"),
        ("{{ page.title|lower|capitalize }}", "Ten books"),
        ("{{ sequence.days_since_first }} days", "4 days"),
        ("{% if personal %}\nx\n{% endif %}\nend\n", "end\n"),
    ],
)
def test_a_template_is_filled_in(source: str, expected: str) -> None:
    assert render(source) == expected


def test_zero_is_a_value_and_not_a_hole() -> None:
    source = "{{ sequence.days_since_first|default('no') }}"
    assert render(source, **{"sequence.days_since_first": 0}) == "0"


def test_every_empty_field_that_would_be_printed_is_named() -> None:
    template = compile_template(
        "{{ contact.name }} {{ personal|upper }} {{ contact.name }} {{ page.title }}"
        "{% if contact.role %}{{ contact.role }}{% endif %}{{ asset.topics }}"
    )
    with pytest.raises(UnresolvedField, match=r"No value for contact\.name, personal") as caught:
        template.render({"page.title": "T", "personal": "  \n", "contact.name": None})
    assert caught.value.fields == ("contact.name", "personal", "asset.topics")


def test_used_fields_come_in_order_of_appearance() -> None:
    source = "{% for x in asset.anchors %}{{ x }}{% endfor %}{{ page.url }}{{ personal }}"
    assert used_fields(source) == ("asset.anchors", "page.url", "personal")
    assert compile_template(source).fields == used_fields(source)


def test_every_documented_field_works_with_its_example() -> None:
    for field in MERGE_FIELDS:
        value: object = field.example.split(", ") if field.is_list else field.example
        printed = compile_template(f"{{{{ {field.name} }}}}").render({field.name: value})
        assert printed == field.example
        assert field.means


def test_html_escapes_values_and_trusts_no_markup() -> None:
    template = compile_template(
        "<p>{{ page.title }} {{ personal|default('<i>') }}</p>", is_html=True
    )
    values = {"page.title": Markup("<script>&")}
    assert template.render(values) == "<p>&lt;script&gt;&amp; &lt;i&gt;</p>"


def test_a_value_is_text_and_never_a_template() -> None:
    hostile = "{{ contact.__class__ }}{% for x in asset.anchors %}"
    assert render("{{ personal }}", personal=hostile) == hostile


def test_values_are_cut_and_objects_become_text() -> None:
    class Thing:
        secret = "hidden"

        def __str__(self) -> str:
            return "thing"

    assert len(render("{{ personal }}", personal="x" * 5_000)) == 2_000
    assert render("{{ personal }}", personal=Thing()) == "thing"
    many = render("{% for x in asset.anchors %}x{% endfor %}", **{"asset.anchors": ["a"] * 500})
    assert many == "x" * 50


def test_a_message_that_grows_too_large_is_stopped() -> None:
    source = "{% for x in asset.anchors %}{{ x }}{{ x }}{{ x }}{% endfor %}"
    with pytest.raises(Invalid, match="longer than 200,000"):
        render(source, **{"asset.anchors": ["y" * 2_000] * 50})


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("a\n{{ contact.firstname }}", "Line 2.*Did you mean “contact.first_name”"),
        ("{{ colour }}", "no merge field “colour”.*contact.first_name"),
        ("{{ contact }}", "no merge field “contact”"),
        ("{{ contact.first_name.upper }}", "written like contact.first_name"),
        ("{{ page.title|shout }}", "the filter “shout” is not allowed.*default"),
        ("{{ page.title|default }}", "written like"),
        ("{{ page.title|default(personal) }}", "written like"),
        ("{{ page.title|default(value='x') }}", "written like"),
        ("{{ page.title|default(*asset.anchors) }}", "written like"),
        ("{{ page.title|truncate('5') }}", "written like"),
        ("{{ page.title|truncate(true) }}", "written like"),
        ("{{ page.title|upper('x') }}", "written like"),
        ("{{ page.title if personal }}", "needs an “else”"),
        ("{{ 1.5 }}", "whole number"),
        ("{{ 10000000 }}", "whole number"),
        ("{{ '" + "x" * 501 + "' }}", "up to 500 characters"),
        ("{{ " + "9" * 5_000 + " }}", "cannot be read"),
        ("{% if page.title > 'a' %}{% endif %}", "comparing"),
        ("{% if 'a' in page.title %}{% endif %}", "comparing"),
        ("{% if page.title is defined %}{% endif %}", "a test with “is”"),
        ("{{ page['title'] }}", r"looking something up with \[…\]"),
        ("{{ -1 }}", "arithmetic"),
        ("{{ page.title ~ personal }}", "joining with ~"),
        ("{{ (1, 2) }}", "“tuple” is not allowed"),
        ("{% for x in page.title %}{% endfor %}", "goes over a list field: asset.anchors"),
        ("{% for x in asset.anchors if x %}{% endfor %}", "“recursive” or “if”"),
        ("{% for a, b in asset.anchors %}{% endfor %}", "another name"),
        ("{% for page in asset.anchors %}{% endfor %}", "another name"),
        ("{% for loop in asset.anchors %}{% endfor %}", "another name"),
        ("{% for _x in asset.anchors %}{% endfor %}", "another name"),
        ("{% for x in asset.anchors %}{{ loop.index }}{% endfor %}", "no merge field “loop.index”"),
        ("{% for x in asset.anchors %}{{ x.real }}{% endfor %}", "no merge field “x.real”"),
        ("{% for x in asset.anchors %}{% endfor %}{{ x }}", "no merge field “x”"),
        (
            "{% for x in asset.anchors %}{% for y in asset.topics %}{% endfor %}{% endfor %}",
            "loop inside a loop",
        ),
        ("{% include 'x' %}", "“include” is not allowed"),
        ("{% extends 'x' %}", "“extends” is not allowed"),
        ("{% import 'x' as y %}", "“import” is not allowed"),
        ("{% block x %}{% endblock %}", "“block” is not allowed"),
        ("{% filter upper %}x{% endfilter %}", "a filter block"),
        ("{% with x = 1 %}{% endwith %}", "“with” is not allowed"),
        ("{% set x = 1 %}", "set is not allowed"),
        ("{% if personal %}", "Line 1"),
        ("{{ personal ", "Line 1"),
        ("ok\n\n{% nothing %}", "Line 3"),
        ("ü" * 10_001, "20,000 bytes"),
        ("{{ personal }}" * 610, "too complicated"),
        ("{{ personal" + "|upper" * 25 + " }}", "too complicated"),
        ("{{ personal" + "|upper" * 200 + " }}", "tag is too long"),
        ("{{ " + "(" * 9 + "1" + ")" * 9 + " }}", "too many brackets"),
        ("{% if 1 %}" * 9 + "{% endif %}" * 9, "too many if and for"),
    ],
)
def test_what_is_not_on_the_list_is_refused_with_its_line(source: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        compile_template(source)
