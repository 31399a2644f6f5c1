"""Which bytes a request asks for (RFC 9110, section 14): what lets a download go on after a break."""

import re
from collections.abc import Mapping

ONE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})")


class Unsatisfiable(Exception):
    """None of the bytes that were asked for is there."""


def wanted(headers: Mapping[str, str], size: int, *, etag: str) -> tuple[int, int] | None:
    """(first, end) of the bytes that the Range header names, end not included; None: all.

    All too where it names several stretches or is not understood, or where If-Range names something else than `etag`:
    then what was begun is not this. Raises `Unsatisfiable`.
    """
    found = ONE.fullmatch(headers.get("Range", "").strip())
    if found is None or found[0] == "bytes=-" or headers.get("If-Range", etag) != etag:
        return None
    first, last = found[1], found[2]
    if not first:
        start, stop = size - min(int(last), size), size
    else:
        start, stop = int(first), min(int(last) + 1, size) if last else size
    if first and last and int(first) > int(last):
        return None
    if start >= size or start >= stop:
        raise Unsatisfiable(f"There are {size} bytes, counted from 0.")
    return start, stop
