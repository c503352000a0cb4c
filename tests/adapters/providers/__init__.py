"""Tests of the vendors of speech and scripts."""
