"""Fields that a workspace adds to its records, and their values."""
