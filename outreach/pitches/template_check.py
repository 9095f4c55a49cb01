"""Decide whether a pitch template is harmless, before anything of it is compiled.

Compiling is already an attack: Jinja2 folds constants, so `'a' * 10**9` eats the machine without
being rendered. So the text is measured, its tags are counted, and every node of its syntax tree
must be on a short list. What passes can only print, compare and repeat known fields.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from jinja2 import nodes

from outreach.core.errors import Invalid
from outreach.pitches.template_filters import FILTERS, LONGEST_ARGUMENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jinja2 import Environment

    from outreach.pitches.merge_fields import MergeField

LONGEST_BYTES = 20_000
MOST_NODES = 600
DEEPEST = 25
MOST_TOKENS_IN_TAG = 120
DEEPEST_BRACKETS = 8
DEEPEST_BLOCKS = 8

_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const,
    nodes.Filter, nodes.If, nodes.CondExpr, nodes.And, nodes.Or, nodes.Not, nodes.Compare,
    nodes.Operand, nodes.For,
)  # fmt: skip
_COMPARISONS = frozenset({"eq", "ne"})
_LOOP_NAME = re.compile(r"[a-z][a-z0-9]{0,29}")
_RESERVED = frozenset({"loop", "self", "super", "caller", "varargs", "kwargs", "context"})
_NOT_ALLOWED = (
    "{line}: {what} is not allowed in a template. Allowed are merge fields, if / elif / else, "
    "for over a list field, ==, !=, and, or, not, and the filters {filters}."
)
_WHAT: dict[type[nodes.Node], str] = {
    nodes.Call: "calling something with (…)",
    nodes.Getitem: "looking something up with […]",
    nodes.Concat: "joining with ~",
    nodes.Assign: "set",
    nodes.Macro: "macro",
    nodes.FilterBlock: "a filter block",
    nodes.Test: "a test with “is”",
    nodes.BinExpr: "arithmetic",
    nodes.UnaryExpr: "arithmetic",
}


def measure(source: str, environment: Environment) -> None:
    """Refuse a text too large or too deeply nested to be parsed in safety.

    The parser calls itself once per bracket, block and sign, so these are counted on the flat
    stream of tokens first.

    Raises:
        Invalid: It is too large, too deep or not a template at all.
    """
    if len(source.encode("utf-8", "replace")) > LONGEST_BYTES:
        raise Invalid(f"A template may hold {LONGEST_BYTES:,} bytes; this one is longer.")
    tokens = brackets = blocks = 0
    opens_block = False
    for line, kind, text in environment.lex(source):
        if kind in {"block_begin", "variable_begin"}:
            tokens = brackets = 0
            opens_block = kind == "block_begin"
        elif kind == "name" and opens_block:
            blocks += -1 if text.startswith("end") else int(text in {"if", "for", "filter"})
            opens_block = False
        elif kind == "operator":
            brackets += int(text in {"(", "[", "{"}) - int(text in {")", "]", "}"})
        tokens += kind not in {"data", "whitespace"}
        _refuse_depth(line, tokens, brackets, blocks)


def _refuse_depth(line: int, tokens: int, brackets: int, blocks: int) -> None:
    if tokens > MOST_TOKENS_IN_TAG:
        raise Invalid(f"Line {line}: this tag is too long.")
    if brackets > DEEPEST_BRACKETS:
        raise Invalid(f"Line {line}: there are too many brackets inside each other.")
    if blocks > DEEPEST_BLOCKS:
        raise Invalid(f"Line {line}: there are too many if and for inside each other.")


def check(tree: nodes.Template, fields: Mapping[str, MergeField]) -> tuple[str, ...]:
    """Refuse every syntax tree that does more than the list allows.

    Returns:
        The merge fields it uses, in order.

    Raises:
        Invalid: Names the line, what is wrong and what is allowed.
    """
    used: dict[str, None] = {}
    count = 0
    # (node, depth, names of the loops around it); a stack of our own, as trees may be deep
    pending: list[tuple[nodes.Node, int, frozenset[str]]] = [(tree, 1, frozenset())]
    while pending:
        node, depth, loops = pending.pop()
        count += 1
        if count > MOST_NODES or depth > DEEPEST:
            raise Invalid(f"Line {node.lineno}: the template is too complicated from here on.")
        _refuse_type(node)
        inner = _judge(node, fields, loops, used)
        below = [(child, depth + 1, inner) for child in _children(node)]
        pending.extend(reversed(below))
    return tuple(used)


def _children(node: nodes.Node) -> Iterable[nodes.Node]:
    if isinstance(node, nodes.Getattr | nodes.Name):
        return ()  # judged as one name
    if isinstance(node, nodes.For):
        return (*node.body, *node.else_)  # its list and its name are judged with it
    return node.iter_child_nodes()


def _refuse_type(node: nodes.Node) -> None:
    if type(node) in _ALLOWED:
        return
    what = next((text for kind, text in _WHAT.items() if isinstance(node, kind)), None)
    _refuse(node, what or f"“{type(node).__name__.lower()}”")


def _refuse(node: nodes.Node, what: str) -> None:
    filters = ", ".join(FILTERS)
    raise Invalid(_NOT_ALLOWED.format(line=f"Line {node.lineno}", what=what, filters=filters))


def _judge(
    node: nodes.Node,
    fields: Mapping[str, MergeField],
    loops: frozenset[str],
    used: dict[str, None],
) -> frozenset[str]:
    """Check what one node's type alone does not settle; return the loop names valid below it."""
    match node:
        case nodes.Name() | nodes.Getattr():
            name = dotted_name(node)
            if name not in loops:
                used.setdefault(_known(node, name, fields))
        case nodes.For():
            return loops | {_loop_name(node, fields, loops, used)}
        case nodes.Filter():
            _judge_filter(node)
        case nodes.Compare() if any(part.op not in _COMPARISONS for part in node.ops):
            _refuse(node, "comparing with anything but == and !=")
        case nodes.CondExpr(expr2=None):
            raise Invalid(f"Line {node.lineno}: a short “if” needs an “else”.")
        case nodes.Const():
            _judge_constant(node)
    return loops


def dotted_name(node: nodes.Node) -> str | None:
    """Return "a" or "a.b" for a plain name or one attribute of it, None for anything else."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        return f"{node.node.name}.{node.attr}"
    return None


def _known(node: nodes.Node, name: str | None, fields: Mapping[str, MergeField]) -> str:
    if name is None:
        raise Invalid(f"Line {node.lineno}: a merge field is written like contact.first_name.")
    if name not in fields:
        near = difflib.get_close_matches(name[:60], fields, n=1)
        hint = f" Did you mean “{near[0]}”?" if near else f" There are: {', '.join(fields)}."
        raise Invalid(f"Line {node.lineno}: there is no merge field “{name[:60]}”.{hint}")
    return name


def _loop_name(
    node: nodes.For, fields: Mapping[str, MergeField], loops: frozenset[str], used: dict[str, None]
) -> str:
    if loops:
        raise Invalid(f"Line {node.lineno}: a loop inside a loop is not allowed.")
    if node.recursive or node.test is not None:
        _refuse(node, "a loop with “recursive” or “if”")
    source = dotted_name(node.iter)
    if source is None or source not in fields or not fields[source].is_list:
        lists = ", ".join(name for name, field in fields.items() if field.is_list)
        raise Invalid(f"Line {node.lineno}: a loop goes over a list field: {lists}.")
    used.setdefault(source)
    name = node.target.name if isinstance(node.target, nodes.Name) else ""
    taken = {field.split(".", 1)[0] for field in fields} | _RESERVED
    if not _LOOP_NAME.fullmatch(name) or name in taken:
        raise Invalid(f"Line {node.lineno}: choose another name for the loop's item.")
    return name


def _judge_filter(node: nodes.Filter) -> None:
    known = FILTERS.get(node.name)
    if known is None:
        _refuse(node, f"the filter “{node.name[:40]}”")
        return
    wanted = 0 if known.argument is None else 1
    plain = not (node.kwargs or node.dyn_args or node.dyn_kwargs) and len(node.args) == wanted
    fits = all(
        isinstance(part, nodes.Const) and type(part.value) is known.argument for part in node.args
    )
    if not plain or not fits:
        raise Invalid(f"Line {node.lineno}: the filter is written like {known.help}.")


def _judge_constant(node: nodes.Const) -> None:
    value = node.value
    if isinstance(value, str):
        fits = len(value) <= LONGEST_ARGUMENT
    else:
        fits = value is None or (isinstance(value, int) and abs(value) <= 1_000_000)
    if not fits:
        raise Invalid(
            f"Line {node.lineno}: a constant is a whole number below a million or a text of up to "
            f"{LONGEST_ARGUMENT} characters."
        )
