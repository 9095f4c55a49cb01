"""Who must never be written to, and who was written to lately by anyone."""
