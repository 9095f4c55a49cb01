"""Files people drop: recognised, previewed, committed row by row, undone."""
