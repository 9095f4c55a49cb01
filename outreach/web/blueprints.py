"""Every page of the app: one line for each noun."""

from __future__ import annotations

from outreach.web import (
    auth,
    campaigns,
    contacts,
    enrollments,
    jobs,
    links,
    mailboxes,
    members,
    opportunities,
    outbox,
    profile,
    readings,
    search,
    sequences,
    settings,
    suppressions,
    templates,
    today,
    unsubscribe,
    workspaces,
)

BLUEPRINTS = (
    auth.blueprint,
    campaigns.blueprint,
    contacts.blueprint,
    enrollments.blueprint,
    jobs.blueprint,
    links.blueprint,
    mailboxes.blueprint,
    members.blueprint,
    opportunities.blueprint,
    outbox.blueprint,
    profile.blueprint,
    readings.blueprint,
    search.blueprint,
    sequences.blueprint,
    settings.blueprint,
    suppressions.blueprint,
    templates.blueprint,
    today.blueprint,
    unsubscribe.blueprint,
    workspaces.blueprint,
)
