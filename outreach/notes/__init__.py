"""Notes on any record, the people they call, and the files beside them."""
