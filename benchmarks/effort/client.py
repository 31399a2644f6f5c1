"""A person at their browser, as the server sees them: a session, CSRF, leases, runs followed by their events."""

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx

from benchmarks.effort.stack import PASSWORD

HEARTBEAT_EVERY = 30.0  #: seconds; a lease lasts four times as long
LIVE = ("queued", "running")


class Refused(Exception):
    """An answer that is not a success."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(
            f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:500]}"
        )


class Person:
    """One signed-in person with one HTTP session, for one thread."""

    def __init__(self, origin: str, username: str) -> None:
        self.username = username
        self.http = httpx.Client(base_url=origin, timeout=60, headers={"Origin": origin})
        self.streams: str = self.get("/api/session/")["streams_origin"]
        self.post("/api/session/", {"username": username, "password": PASSWORD})

    def get(self, path: str, **params: Any) -> Any:
        return _said(self.http.get(path, params=params or None))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._write("POST", path, body, headers)

    def patch(self, path: str, body: Any) -> Any:
        return self._write("PATCH", path, body, {})

    def pages(self, path: str, **params: Any) -> Iterator[Any]:
        """The rows of a list, page after page."""
        page = self.get(path, **params)
        while True:
            yield from page["results"]
            if not page["next"]:
                return
            page = self.get(page["next"])

    def events(self, run: int) -> Iterator[tuple[str, Any]]:
        """What a run tells (kind, data) until it has ended; a ping now and then while it has nothing to tell."""
        with self.http.stream("GET", f"{self.streams}/api/runs/{run}/events/") as answer:
            if not answer.is_success:
                answer.read()
                raise Refused(answer)
            kind = ""
            for line in answer.iter_lines():
                if line.startswith("event:"):
                    kind = line[6:].strip()
                elif line.startswith("data:"):
                    yield kind, json.loads(line[5:])
                elif line.startswith(":"):
                    yield "ping", None

    def _write(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        csrf = {"X-CSRFToken": self.http.cookies.get("csrftoken") or ""}
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return _said(self.http.request(method, path, json={} if body is None else body, headers=csrf | sent))


class Held:
    """A masklet in somebody's hands, and what its page can do with it."""

    def __init__(self, person: Person, claimed: Any) -> None:
        self.person = person
        self.masklet: dict[str, Any] = claimed["masklet"]
        self.path = f"/api/masklets/{self.masklet['id']}"
        self._assignment = f"/api/assignments/{claimed['assignment']['id']}"
        self._lease = {"Lease_Token": claimed["assignment"]["token"]}
        self._kept = time.monotonic()

    def prompt(self, frame_idx: int, **what: Any) -> str:
        """Sends a click, a box or a mask; returns the counts of the mask that comes of it."""
        body = {"frame_idx": frame_idx, **what}
        run = self._ask("prompts", body)
        masks = self._finish(run)
        return masks.get(frame_idx) or str(self.masks()["frames"][str(frame_idx)]["counts"])

    def propagate(self, direction: str, from_frame: int) -> None:
        self._finish(self._ask("propagate", {"direction": direction, "from_frame": from_frame}))

    def masks(self) -> Any:
        """Size, frames, prompts, suggested_frames of the current revision."""
        return self.person.get(f"{self.path}/masks/")

    def report(self, entries: list[dict[str, Any]]) -> None:
        """What the page tells the ledger of effort."""
        self.person.post(f"{self._assignment}/effort/", {"entries": entries}, **self._lease)

    def submit(self) -> None:
        self.person.post(f"{self._assignment}/submit/", **self._lease)

    def hand_back(self) -> None:
        self.person.post(f"{self._assignment}/hand-back/", **self._lease)

    def _ask(self, what: str, body: Any) -> int:
        key = str(uuid.uuid4())
        answer = self.person.post(f"{self.path}/{what}/", body, Idempotency_Key=key, **self._lease)
        return int(answer["run"]["id"])

    def _finish(self, run: int) -> dict[int, str]:
        """Waits for a run's end; the masks (counts by frame) that it told on the way."""
        masks: dict[int, str] = {}
        for kind, data in self.person.events(run):
            self._keep()
            if kind == "mask":
                masks[data["frame_idx"]] = data["counts"]
            elif kind == "status" and data["status"] not in LIVE:
                if data["status"] != "succeeded":
                    raise RuntimeError(f"Run {run} of {self.path} {data['status']}: {data['error']}")
                break
        return masks

    def _keep(self) -> None:
        if time.monotonic() - self._kept > HEARTBEAT_EVERY:
            self.person.post(f"{self._assignment}/heartbeat/", **self._lease)
            self._kept = time.monotonic()


def _said(answer: httpx.Response) -> Any:
    if not answer.is_success:
        raise Refused(answer)
    return answer.json() if answer.content else None
