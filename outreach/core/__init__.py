"""What every package stands on; no business words here."""
