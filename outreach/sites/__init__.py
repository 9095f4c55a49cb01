"""One row per registrable domain and its open-data ranks, shared by all workspaces."""
