"""An aim, its asset, and each prospect in play."""
