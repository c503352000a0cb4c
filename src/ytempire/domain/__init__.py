"""The rules, as plain functions over frozen values: no I/O, no clock, no chance, no async, no logging."""
