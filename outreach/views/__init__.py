"""Saved views of lists, and which columns a person shows."""
