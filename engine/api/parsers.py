import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from engine.errors import TooLarge

MOST_BYTES = 8 * 1024 * 1024  #: a painted mask of a 4K frame has room
MOST_VALUES = 20_000  #: by commas and braces, before a single object is made of them


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


class BoundedJSONParser(JSONParser):
    """JSON as the standard has it: no NaN, no bottomless nesting, no half characters that PostgreSQL would refuse."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES or body.count(b",") + body.count(b"{") > MOST_VALUES:
            raise TooLarge(
                f"A request holds at most {MOST_BYTES // 2**20} MiB and {MOST_VALUES:,} values. Send less at once."
            )
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
