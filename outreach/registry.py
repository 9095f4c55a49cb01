"""The one import of every table, for migrations and tests."""

from __future__ import annotations

from sqlmodel import SQLModel

import outreach.accounts.models
import outreach.activity.models
import outreach.assets.models
import outreach.campaigns.models
import outreach.contacts.models
import outreach.fields.models
import outreach.imports.models
import outreach.links.models
import outreach.mail.models
import outreach.notes.models
import outreach.pitches.models
import outreach.prospects.models
import outreach.reminders.models
import outreach.scoring.models
import outreach.sequences.models
import outreach.sites.models
import outreach.suppression.models
import outreach.tags.models
import outreach.views.models  # noqa: F401

metadata = SQLModel.metadata
