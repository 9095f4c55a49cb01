"""Our words for the outside: what we ask of mail servers and the web."""
