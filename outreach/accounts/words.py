"""The words of accounts: each is stored as text and read by people."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person may do in one workspace, most first."""

    OWNER = "owner"
    MANAGER = "manager"
    MEMBER = "member"
    VIEWER = "viewer"


class LinkPurpose(StrEnum):
    """What a one-time link is good for."""

    SETUP = "setup"
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a purpose, not a password


class TokenPurpose(StrEnum):
    """What an access token is good for."""

    ADD_PAGES = "add_pages"  # the bookmarklet
