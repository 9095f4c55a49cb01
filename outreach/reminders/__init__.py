"""Things somebody wants to be reminded of, and snoozes."""
