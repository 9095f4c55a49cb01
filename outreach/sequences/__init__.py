"""Steps, waits, who is enrolled and why they stopped."""
