"""Attempts to burn time or memory, or to climb out of the sandbox."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.core.errors import Invalid
from outreach.pitches.merge_fields import MERGE_FIELDS
from outreach.pitches.sandbox import compile_template

FIELDS = (*MERGE_FIELDS, replace(MERGE_FIELDS[0], name="n"))

ATTACKS = {
    "a billion turns": "{% for i in range(10**9) %}x{% endfor %}",
    "turns within turns": (
        "{% for i in range(90000) %}{% for j in range(90000) %}{% endfor %}{% endfor %}"
    ),
    "constant repeated": "{{ 'a' * 10**9 }}",
    "field repeated": "{{ n * 10**9 }}",
    "list repeated": "{{ ([0] * 10**9)|length }}",
    "tower of powers": "{{ 9**9**9 }}",
    "tower never reached": "{% if false %}{{ 9**9**9 }}{% endif %}",
    "huge integer": "{% set x = 10**300000 %}{{ (x*x*x)|string|length }}",
    "doubling": (
        "{% set a = namespace(v='a'*999) %}"
        "{% for i in range(40) %}{% set a.v = a.v ~ a.v %}{% endfor %}"
    ),
    "center": "{{ 'a'|center(10**9) }}",
    "center without arithmetic": "{{ 'a'|center(999999999) }}",
    "indent": "{{ ('\\n'*99999)|indent(99999) }}",
    "format filter": "{{ '%0999999999d'|format(1) }}",
    "format operator": "{{ '%999999999s' % n }}",
    "format method": "{{ '{:>999999999}'.format(1) }}",
    "ljust": "{{ 'a'.ljust(10**9) }}",
    "zfill": "{{ '1'.zfill(10**9) }}",
    "replace": "{{ ('a'*9999)|replace('a','b'*99999) }}",
    "join": "{{ range(99999)|join('b'*9999) }}",
    "expandtabs": "{{ ('\\t'*999).expandtabs(10**6) }}",
    "lipsum": "{{ lipsum(n=3000, min=500, max=1000) }}",
    "macro calling itself": "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
    "recursive loop": "{% for i in [1,2] recursive %}{{ loop([1,2]) }}{% endfor %}",
    "deep brackets": "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "deep lists": "{{ " + "[" * 3000 + "]" * 3000 + " }}",
    "deep not": "{{ " + "not " * 4900 + "1 }}",
    "deep minus": "{{ " + "-" * 9000 + "1 }}",
    "deep short if": "{{ " + "1 if 1 else " * 1500 + "1 }}",
    "deep attribute": "{{ n" + ".a" * 9000 + " }}",
    "deep filter": "{{ n" + "|e" * 9000 + " }}",
    "deep blocks": "{% if 1 %}" * 200 + "{% endif %}" * 200,
    "huge": "{{ n }}" * 300_000,
    "sorting": "{{ range(99999)|map('string')|sort|list|length }}" * 30,
    "urlize": "{{ ('http://' + 'a.'*50000)|urlize }}",
    "striptags": "{{ ('<'*99999)|striptags }}",
    "wordwrap": "{{ ('a'*200000)|wordwrap(1) }}",
    "batch": "{{ [1]|batch(10**8, 0)|list|length }}",
    "slice": "{{ [1]|slice(10**7)|list|length }}",
    "dictionary": "{% set d = {} %}{{ d.update({1:2}) }}",
    "pprint": "{{ range(99999)|list|pprint|length }}",
    "format through attr": "{{ ('{0.__class__.__init__.__globals__}'|attr('format'))(n) }}",
    "subclasses": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "globals of lipsum": "{{ lipsum.__globals__ }}",
    "cycler": "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "self": "{{ self.__init__.__globals__ }}",
    "self without call": "{{ self._TemplateReference__context }}",
    "field's class": "{{ n.__class__ }}",
    "xmlattr": "{{ {'onx/ onclick=alert(1) ':'1'}|xmlattr }}",
    "autoescape off": "{% autoescape false %}{{ n }}{% endautoescape %}",
    "call block": "{% call n() %}{% endcall %}",
    "await": "{{ n.__await__() }}",
    "mangled name": "{{ n__class__ }}",
    "loop over flat name": "{% for contact__name in asset.anchors %}{% endfor %}",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_at_once(name: str) -> None:
    began = time.process_time()
    with pytest.raises(Invalid):
        compile_template(ATTACKS[name], FIELDS)
    assert time.process_time() - began < 0.1


PIECES = st.sampled_from(
    [
        "{{", "}}", "{%", "%}", "{#", "#}", " ", "\n", "if", "elif", "else", "endif", "for", "in",
        "endfor", "n", "personal", "asset.anchors", "x", "loop", "not", "and", "or", "==", "(", ")",
        "[", "]", "{", "}", "|", "upper", "default", "'a'", '"', "1", "-", "*", "~", ".", ",", ":",
        "__class__", "raw", "endraw", "set", "=", "recursive", "self", "{{-", "-%}", "é", "\0",
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=40))
def test_no_text_ever_does_more_than_be_refused_or_rendered(pieces: list[str]) -> None:
    try:
        text = compile_template(" ".join(pieces), FIELDS).render({"n": "N", "personal": "P"})
    except Invalid as refused:
        text = str(refused)
    assert len(text) <= 2_000


@given(st.text(st.characters(exclude_characters="{}\r"), max_size=200))
def test_text_without_tags_is_unchanged(text: str) -> None:
    assert compile_template(text).render({}) == text
