"""The verbs that cross domain packages; each shows its transactions."""
