"""A flood of one request, from a process of its own, so that making it costs the measurement nothing."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from multiprocessing.synchronize import Event
from threading import Thread
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    at_once: int = 1  #: connections that each send it again and again


@contextmanager
def flood(origin: str, request: Request) -> Iterator[None]:
    """The flood goes on inside. Raises `AssertionError` where an answer is a server's error."""
    context = multiprocessing.get_context("spawn")
    begun, over = context.Event(), context.Event()
    process = context.Process(target=_flood, args=(origin, request, begun, over), daemon=True)
    process.start()
    assert begun.wait(30), "The flood did not begin."
    try:
        yield
    finally:
        over.set()
        process.join(60)
    assert process.exitcode == 0, "The server broke under the flood."


def _flood(origin: str, request: Request, begun: Event, over: Event) -> None:
    answers: list[int] = []
    threads = [Thread(target=_send, args=(origin, request, over, answers)) for _ in range(request.at_once)]
    for thread in threads:
        thread.start()
    begun.set()
    for thread in threads:
        thread.join()
    assert answers
    assert max(answers) < 500, sorted(set(answers))


def _send(origin: str, request: Request, over: Event, answers: list[int]) -> None:
    place = urlsplit(origin)
    connection = HTTPConnection(str(place.hostname), place.port, timeout=60)
    while not over.is_set():
        try:
            connection.request(request.method, request.path, request.body, request.headers)
            answer = connection.getresponse()
            answer.read()
        except OSError:  # the server hung up on what it refused
            connection.close()
            continue
        answers.append(answer.status)
