import json
import re
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from engine.errors import TooLarge

MAX_DEPTH = 16
#: Values in one body: more than the longest list of all (500 entries of effort, six values each) has.
MAX_VALUES = 10_000

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


class BoundedJSONParser(JSONParser):
    """JSON as the standard has it, bounded before a single object is made of it.

    No more bytes, values or levels than any request needs; no NaN, and no half characters, which PostgreSQL would
    refuse as it does NUL (which every text field refuses by name).
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(settings.MAX_BODY_BYTES + 1)
        bound(body)
        try:
            data = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
            json.dumps(data, ensure_ascii=False).encode("utf-8")
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply.") from error
        except UnicodeError as error:
            raise ParseError("The JSON is not valid UTF-8 text.") from error
        except ValueError as error:
            raise ParseError(f"The body is not valid JSON: {error}.") from error
        return data


def bound(body: bytes) -> None:
    """Refuse what is too large by its bytes alone: its length, its number of values, its depth."""
    if len(body) > settings.MAX_BODY_BYTES:
        raise TooLarge(
            f"A request has at most {settings.MAX_BODY_BYTES // 1024} KiB. Send less at once; "
            "videos go to the upload's own links."
        )
    marks = _STRING.sub(b"", body)
    values = 1 + sum(marks.count(mark) for mark in (b",", b"[", b"{"))
    if values > MAX_VALUES:
        raise TooLarge(f"A request holds at most {MAX_VALUES:,} values. Send it in several.")
    depth = 0
    for mark in _BRACKET.findall(marks):
        depth += 1 if mark in b"[{" else -1
        if depth > MAX_DEPTH:
            raise ParseError("The JSON is nested too deeply.")
