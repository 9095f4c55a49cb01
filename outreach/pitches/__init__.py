"""Pitch templates, merge fields and their rendering in a guarded sandbox."""
