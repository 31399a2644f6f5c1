"""The one way in which ingest says no to a file."""

from typing import Literal, get_args

Code = Literal[
    "no_video",
    "picture",
    "unsupported_codec",
    "unsupported_container",
    "too_large",
    "too_small",
    "too_long",
    "too_many_frames",
    "too_much",
    "truncated",
    "corrupt",
    "no_frames",
    "timeout",
    "out_of_memory",
    "crashed",
]
CODES: frozenset[str] = frozenset(get_args(Code))


class Refusal(Exception):
    """The file cannot become a video here, and trying again will not help.

    `code` is stable and for programs; `message` is a sentence for the person who uploaded the file:
    what is wrong, and what to do about it. Failures on our side (a full disk) are ordinary
    exceptions instead.
    """

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code: Code = code
        self.message = message

    def __reduce__(self) -> tuple[type["Refusal"], tuple[Code, str]]:
        return Refusal, (self.code, self.message)
