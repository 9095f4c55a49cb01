"""Tags: short words people put on records; the domain packages keep on which."""
