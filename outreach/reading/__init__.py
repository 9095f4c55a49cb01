"""Bytes of a page to facts, purely."""

from outreach.reading.page import read
from outreach.reading.shape import Unreadable
from outreach.reading.targets import find_links_to

__all__ = ["Unreadable", "find_links_to", "read"]
