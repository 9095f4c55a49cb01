"""Our own properties and the pages of ours that are worth linking to."""
