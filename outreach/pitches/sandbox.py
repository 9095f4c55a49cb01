"""Compile and render pitch templates written by people who must not be able to run code."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from outreach.core.errors import Invalid
from outreach.pitches import template_check
from outreach.pitches.merge_fields import MERGE_FIELDS, MergeField
from outreach.pitches.template_filters import FILTERS, Listed, Unfilled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LONGEST_VALUE = 2_000  # characters
MOST_ITEMS = 50
LARGEST_OUTPUT = 200_000  # characters


class UnresolvedField(Invalid):
    """Merge fields that would be printed have no value and no fallback."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        self.fields = fields
        super().__init__(
            f"No value for {', '.join(fields)}. Fill it in, or give a fallback in the template, "
            f'such as {{{{ {fields[0]}|default("…") }}}}.'
        )


class CompiledTemplate:
    """A checked template, compiled once; rendering it is safe from several threads.

    Attributes:
        fields: The merge fields it uses, in order of appearance.
    """

    def __init__(self, template: Template, fields: tuple[str, ...]) -> None:
        self._template = template
        self.fields = fields

    def render(self, values: Mapping[str, object]) -> str:
        """Fill the merge fields.

        Args:
            values: Field name, as "contact.first_name", → text, whole number, list of texts or
                None. Texts are cut to 2,000 characters.

        Raises:
            UnresolvedField: A field that would be printed is empty.
            Invalid: The message grows too large.
        """
        holes: list[str] = []
        context = {_flat(name): _flatten(name, values.get(name), holes) for name in self.fields}
        parts: list[str] = []
        size = 0
        try:
            for part in self._template.generate(context):
                size += len(part)
                if size > LARGEST_OUTPUT:
                    raise Invalid(f"The message is longer than {LARGEST_OUTPUT:,} characters.")
                parts.append(part)
        except (TemplateError, TypeError, ValueError) as error:
            raise Invalid(f"The template cannot be filled in: {error}.") from error
        if holes:
            raise UnresolvedField(tuple(holes))
        return "".join(parts)


def compile_template(
    source: str, fields: Iterable[MergeField] = MERGE_FIELDS, *, is_html: bool = False
) -> CompiledTemplate:
    """Check a template and compile it.

    Args:
        source: What a person wrote.
        fields: The merge fields it may use.
        is_html: True escapes the values for HTML.

    Raises:
        Invalid: Names the line, what is wrong with it and what is allowed.
    """
    environment = _environment(is_html)
    known = {field.name: field for field in fields}
    tree = _parse(source, environment)
    used = template_check.check(tree, known)
    _FlatNames().visit(tree)
    return CompiledTemplate(environment.from_string(tree), used)


def used_fields(source: str, fields: Iterable[MergeField] = MERGE_FIELDS) -> tuple[str, ...]:
    """Return the merge fields a template uses, in order of appearance.

    Raises:
        Invalid: As compile_template does.
    """
    known = {field.name: field for field in fields}
    return template_check.check(_parse(source, _environment(is_html=False)), known)


class _FlatNames(NodeTransformer):
    """Turns contact.first_name into one name, so nothing looks up an attribute at run time."""

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Name:  # noqa: N802 (Jinja2's protocol)
        name = _flat(template_check.dotted_name(node) or "")
        return nodes.Name(name, "load", lineno=node.lineno)


@lru_cache(maxsize=2)
def _environment(is_html: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=is_html,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        optimized=False,
        cache_size=0,
    )
    environment.globals.clear()
    environment.tests.clear()
    environment.filters.clear()
    environment.filters.update({name: known.apply for name, known in FILTERS.items()})
    return environment


def _parse(source: str, environment: ImmutableSandboxedEnvironment) -> nodes.Template:
    try:
        template_check.measure(source, environment)
        return environment.parse(source)
    except TemplateSyntaxError as error:
        raise Invalid(f"Line {error.lineno}: {_plain(error)}") from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits
        raise Invalid("The template holds a number or a nesting that cannot be read.") from error


def _plain(error: TemplateSyntaxError) -> str:
    message = (error.message or "this cannot be read").strip().rstrip(".")
    return f"{message[:200]}."


def _flat(field: str) -> str:
    return field.replace(".", "__")


def _flatten(field: str, value: Any, holes: list[str]) -> str | int | Listed | Unfilled:
    """Reduce a value to a plain text, number or list; no object of ours reaches a template."""
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, list | tuple):
        items = [_text(item) for item in value[:MOST_ITEMS]]
        return Listed(item for item in items if item) or Unfilled(field, holes)
    return _text(value) or Unfilled(field, holes)


def _text(value: Any) -> str:
    """Return an exact str: of a subclass such as Markup nothing but its characters is kept."""
    if value is None:
        return ""
    text = str.__str__(value) if isinstance(value, str) else str(value)
    return text[:LONGEST_VALUE].replace("\0", "").strip()
