"""People and role addresses, where each came from, and whether mail reaches them."""
