"""JSON of datasets: written piece by piece, read without trust."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from vos.dataset import DatasetInvalid


def dumps(value: Any) -> bytes:
    """JSON in UTF-8; numbers that JSON does not know raise `ValueError`."""
    return json.dumps(value, allow_nan=False).encode()


def listed(values: Iterable[Any]) -> Iterator[bytes]:
    """A JSON list, one member a line."""
    yield b"["
    separator = b"\n"
    for value in values:
        yield separator + dumps(value)
        separator = b",\n"
    yield b"\n]"


def parse_json(content: bytes, name: str) -> Any:
    """Raises DatasetInvalid, with the line, on what is no JSON; NaN and Infinity are none."""
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_refuse)
    except RecursionError as error:
        raise DatasetInvalid(f"{name} is nested too deeply.") from error
    except ValueError as error:
        raise DatasetInvalid(f"{name} is no JSON that can be read: {error}.") from error


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")
