"""Measurements of our work beside named peers, on the same machine and in the same run. No tests."""
