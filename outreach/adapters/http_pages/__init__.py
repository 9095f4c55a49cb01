"""Pages over HTTP, through one guarded door."""

from outreach.adapters.http_pages.fetcher import HttpPageFetcher, SwitchedOffFetcher
from outreach.adapters.http_pages.policy import FetchPolicy

__all__ = ["FetchPolicy", "HttpPageFetcher", "SwitchedOffFetcher"]
