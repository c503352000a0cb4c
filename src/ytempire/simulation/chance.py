"""Chance that comes out the same for the same seed: rows of dice, and rolls that depend on their names alone."""

import hashlib

_MASK = (1 << 64) - 1
_SPAN = 1 << 53


class Dice:
    """An endless row of numbers from 0 (inclusive) to 1 (exclusive); one row for each name under a seed.

    The generator is SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
    """

    def __init__(self, seed: int, name: str) -> None:
        self._state = _hashed(seed, name)

    def roll(self) -> float:
        """The next number."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((mixed ^ (mixed >> 31)) >> 11) / _SPAN

    def happens(self, rate: float) -> bool:
        """True as often as the rate says; a rate of 0 takes no number from the row."""
        return rate > 0 and self.roll() < rate

    def between(self, least: float, most: float) -> float:
        """A number from a range, all alike."""
        return least + (most - least) * self.roll()


def fixed_roll(seed: int, *names: str) -> float:
    """A number from 0 to 1 that belongs to these names, whatever was rolled before it."""
    return (_hashed(seed, *names) >> 11) / _SPAN


def _hashed(seed: int, *names: str) -> int:
    text = "\n".join((str(seed), *names)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())
