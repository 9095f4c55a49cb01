"""HTML entry point: parse, call one thing, answer."""
