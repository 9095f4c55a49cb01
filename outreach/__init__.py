"""Outreach: a self-hosted CRM for earning links."""

__version__ = "0.1.0"
