"""The world in memory: every port over dicts and a virtual clock, for tests and simulation."""
