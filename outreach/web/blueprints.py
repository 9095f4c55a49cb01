"""Every page of the app: one line for each noun."""

from __future__ import annotations

from outreach.web import auth, jobs, members, profile, search, settings, today, workspaces

BLUEPRINTS = (
    auth.blueprint,
    jobs.blueprint,
    members.blueprint,
    profile.blueprint,
    search.blueprint,
    settings.blueprint,
    today.blueprint,
    workspaces.blueprint,
)
