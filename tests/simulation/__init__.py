"""Tests of the simulation: whole days of the real services in a pretended world, on virtual time."""
