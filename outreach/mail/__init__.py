"""Mailboxes, the outbox, the inbox, conversations and bounces."""
