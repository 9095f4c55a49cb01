"""Every page of the app: one line for each noun."""

from __future__ import annotations

from outreach.web import (
    auth,
    jobs,
    links,
    members,
    profile,
    readings,
    search,
    settings,
    today,
    workspaces,
)

BLUEPRINTS = (
    auth.blueprint,
    jobs.blueprint,
    links.blueprint,
    members.blueprint,
    profile.blueprint,
    readings.blueprint,
    search.blueprint,
    settings.blueprint,
    today.blueprint,
    workspaces.blueprint,
)
