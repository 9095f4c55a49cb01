"""Shell entry point."""
