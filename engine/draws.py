"""Draws that nobody can draw again: the same text has the same place for ever, on every machine."""

import hashlib


def place_of(text: str) -> float:
    """0..1, as good as drawn by chance."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64
