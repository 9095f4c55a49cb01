"""Changing our pages worth linking to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.activity.services import Subject, record
from outreach.assets.models import Asset
from outreach.assets.queries import find_asset_by_key
from outreach.core.errors import Conflict, Invalid
from outreach.core.urls import WebAddress, parse_address

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.assets.rules import AssetDraft
    from outreach.core.db import Session

_LONGEST_URL = 2_048


def add_asset(session: Session, draft: AssetDraft, *, now: datetime) -> Asset:
    """Add one of our pages.

    Raises:
        Invalid: Its address or title is missing or makes no sense.
        Conflict: It is listed already.
    """
    address = _checked_address(session, draft, but=None)
    asset = Asset(url=address.url, url_key=address.key, title=draft.title.strip())
    _fill(asset, draft, address)
    session.add(asset)
    session.flush()
    record(session, "added", Subject("asset", asset.key), f"Added “{asset.title}”.", now=now)
    return asset


def edit_asset(session: Session, asset: Asset, draft: AssetDraft, *, now: datetime) -> None:
    """Change what we say about one of our pages.

    A new address forgets what was read at the old one.

    Raises:
        Invalid: Its address or title is missing or makes no sense.
        Conflict: Another asset has this address.
    """
    address = _checked_address(session, draft, but=asset)
    if address.key != asset.url_key:
        asset.page_text, asset.read_at, asset.read_failure = "", None, ""
    _fill(asset, draft, address)
    session.flush()
    record(session, "edited", Subject("asset", asset.key), f"Edited “{asset.title}”.", now=now)


def archive_asset(session: Session, asset: Asset, *, is_archived: bool, now: datetime) -> None:
    """Put an asset away, so that nothing is scored against it, or bring it back."""
    asset.is_archived = is_archived
    session.flush()
    verb, sentence = ("archived", "Archived") if is_archived else ("restored", "Brought back")
    record(session, verb, Subject("asset", asset.key), f"{sentence} “{asset.title}”.", now=now)


def _fill(asset: Asset, draft: AssetDraft, address: WebAddress) -> None:
    asset.url, asset.url_key, asset.title = address.url, address.key, draft.title.strip()[:300]
    asset.kind, asset.summary, asset.hook = draft.kind, draft.summary.strip(), draft.hook.strip()
    asset.topics, asset.keywords = list(draft.topics), list(draft.keywords)
    asset.suggested_anchors, asset.language = list(draft.suggested_anchors), draft.language[:8]


def _checked_address(session: Session, draft: AssetDraft, *, but: Asset | None) -> WebAddress:
    address = parse_address(draft.url)
    if address is None or len(address.url) > _LONGEST_URL:
        raise Invalid(f"“{draft.url[:80]}” is not a web address.")
    if not draft.title.strip():
        raise Invalid("Give the asset a title.")
    known = find_asset_by_key(session, address.key)
    if known is not None and (but is None or known.key != but.key):
        raise Conflict(f"This page is listed already, as “{known.title}”.")
    return address
