"""Tests of the adapters: each against the real thing it speaks to, or a small one with bad manners."""
