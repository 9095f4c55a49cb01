"""One module per kind of process: builds adapters and sessions from settings."""
