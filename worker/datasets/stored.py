"""A file of an export, as its row tells it. Alone here, because children know no models."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Stored:
    """One file that was written, or that lay in the store already (`own` is False)."""

    name: str
    key: str
    size: int
    sha256: str
    crc32: int
    own: bool
