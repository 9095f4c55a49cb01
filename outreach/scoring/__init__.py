"""How relevant and how strong a prospect is, with its reasons."""
