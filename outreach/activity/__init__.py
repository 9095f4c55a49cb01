"""One timeline for everything: who did what to what, and when."""
