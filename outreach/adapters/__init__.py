"""The plugs: the only code that touches the network."""
