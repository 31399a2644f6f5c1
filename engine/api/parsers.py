import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


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
        try:
            data = json.loads(stream.read().decode("utf-8"), parse_constant=_refuse_constant)
            json.dumps(data, ensure_ascii=False).encode("utf-8")
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply.") from error
        except UnicodeError as error:
            raise ParseError("The JSON is not valid UTF-8 text.") from error
        except ValueError as error:
            raise ParseError(f"The body is not valid JSON: {error}.") from error
        return data
