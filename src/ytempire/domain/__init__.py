"""The rules: plain functions and frozen values. No I/O, no clock, no chance, no async, no logging."""
