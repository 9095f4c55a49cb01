"""Every page of the app: one line for each noun."""

from __future__ import annotations

from outreach.web import (
    auth,
    enrollments,
    jobs,
    links,
    mailboxes,
    members,
    outbox,
    profile,
    readings,
    search,
    sequences,
    settings,
    templates,
    today,
    workspaces,
)

BLUEPRINTS = (
    auth.blueprint,
    enrollments.blueprint,
    jobs.blueprint,
    links.blueprint,
    mailboxes.blueprint,
    members.blueprint,
    outbox.blueprint,
    profile.blueprint,
    readings.blueprint,
    search.blueprint,
    sequences.blueprint,
    settings.blueprint,
    templates.blueprint,
    today.blueprint,
    workspaces.blueprint,
)
