"""Bytes of a page to facts, purely."""
