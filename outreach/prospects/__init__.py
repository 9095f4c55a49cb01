"""Sites a workspace weighs up, their pages, and the review of them."""
