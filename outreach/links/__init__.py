"""The link profile: won links, each check, what changed."""
