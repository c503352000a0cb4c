"""One behaviour suite per port, run on every implementation of it."""
