"""Pages over HTTP, through one guarded door."""
