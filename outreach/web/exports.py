"""Every list as a file to take away."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import parse_qsl

from flask import Blueprint, Response, request

from outreach.accounts.rules import POLICY, may
from outreach.core.clock import utc_now
from outreach.core.errors import Forbidden
from outreach.web.context import close_reading, requires, role, scope
from outreach.web.context import services as web
from outreach.workflows.export_list import (
    Format,
    begin_export,
    get_export_list,
    lines_of,
    write_export,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

blueprint = Blueprint("exports", __name__, url_prefix="/exports")

_PIECE = 65_536
_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@blueprint.post("/<list_name>")
@requires("list", "view")
def create(list_name: str) -> Any:
    """Answer with the list its page shows, as CSV or as a workbook."""
    spec = get_export_list(list_name)
    action = "export" if (spec.thing, "export") in POLICY else "view"
    if not may(role(), spec.thing, action):
        raise Forbidden("Your role in this workspace does not allow this.")
    kind = Format.XLSX if request.form.get("format") == Format.XLSX else Format.CSV
    arguments = dict(parse_qsl(request.form.get("query", "").lstrip("?")))
    close_reading()
    begun = begin_export(web().database, scope(), spec, arguments, kind, now=utc_now())
    if kind is Format.CSV:
        return _download(lines_of(begun), begun.file_name, kind)
    with tempfile.TemporaryDirectory(dir=web().settings.data_dir) as folder:
        path = Path(folder) / begun.file_name
        write_export(begun, path, kind)
        size = path.stat().st_size
        stream = path.open("rb")  # stays readable after its name is gone
    return _download(_pieces(stream), begun.file_name, kind, size=size)


def _download(
    pieces: Iterator[str] | Iterator[bytes], name: str, kind: Format, *, size: int | None = None
) -> Response:
    answer = Response(pieces, content_type=_TYPES[kind])
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    if size is not None:
        answer.content_length = size
    return answer


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while piece := stream.read(_PIECE):
            yield piece
