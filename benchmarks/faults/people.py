"""Annotators, a reviewer and an owner who work on while things break, and insist as pages do."""

import hashlib
import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

import httpx
import numpy as np
import psycopg2
from botocore.exceptions import ClientError

from benchmarks.effort.client import LIVE, Person, Refused
from benchmarks.faults.record import Record
from benchmarks.faults.stack import Stack
from worker.render.video import write_mp4

FRAMES, HEIGHT, WIDTH = 48, 144, 192
INSIST_FOR = 90.0  #: seconds
LOOK_EVERY = 0.1  #: seconds
LOST_ANSWERS = 0.3  #: of the writes are sent again as if the answer had been lost


class GaveUp(Exception):
    """It was not done in time."""


def until(answer: Callable[[], Any], *, within: float = INSIST_FOR, what: str) -> Any:
    """Asks until the answer is truthy, whatever is down meanwhile."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            if found := answer():
                return found
        except (httpx.TransportError, Refused, psycopg2.Error):
            pass
        time.sleep(LOOK_EVERY)
    raise GaveUp(f"{what} did not come within {within:.0f} s")


class Worker(Person):
    """One signed-in person, and what they keep of what they were told."""

    def __init__(self, stack: Stack, username: str, record: Record) -> None:
        super().__init__(stack.origin, username)
        self.http.timeout = httpx.Timeout(15)
        self.stack, self.record = stack, record
        self.chance = random.Random(username)

    def insist(self, path: str, body: Any = None, **headers: str) -> Any:
        """Post with one key until it is answered; now and then once more, as if the answer had been lost."""
        key = str(uuid.uuid4())
        answers = 2 if self.chance.random() < LOST_ANSWERS else 1
        for _ in range(answers):
            answer = until(lambda: self._answer(path, body, key, headers), what=path)
        if not answer.is_success:
            code = answer.json().get("code", "") if "json" in answer.headers["content-type"] else "?"
            self.record.refusals[f"{answer.status_code} {code}"] += 1
            raise Refused(answer)
        return answer.json() if answer.content else None

    def _answer(self, path: str, body: Any, key: str, headers: dict[str, str]) -> httpx.Response | None:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent |= {"Idempotency-Key": key, "X-CSRFToken": self.http.cookies.get("csrftoken") or ""}
        answer = self.http.post(path, json={} if body is None else body, headers=sent)
        return None if answer.status_code >= 500 else answer

    def ended(self, run: int) -> dict[str, Any]:
        def look() -> Any:
            row = self.get(f"/api/runs/{run}/")
            return row if row["status"] not in LIVE else None

        return dict(until(look, what=f"the end of run {run}"))


class Object:
    """A new object in somebody's hands."""

    def __init__(self, person: Worker, video: int) -> None:
        self.person = person
        label = f"object {uuid.uuid4()}"
        made = person.insist(f"/api/videos/{video}/masklets/", {"label": label})
        self.id: int = made["masklet"]["id"]
        self.path = f"/api/masklets/{self.id}"
        self.assignment = f"/api/assignments/{made['assignment']['id']}"
        self.lease = {"Lease_Token": made["assignment"]["token"]}
        person.record.objects[self.id] = label

    def click(self, frame_idx: int = 0) -> int:
        """A click on the square, at a place of its own; the run that answers it."""
        x, y = square(frame_idx)
        x += self.person.chance.uniform(4, 40)
        body = {"frame_idx": frame_idx, "kind": "click", "x": x, "y": y + 20.0, "positive": True}
        answer = self.person.insist(f"{self.path}/prompts/", body, **self.lease)
        self.person.record.prompts[answer["prompt"]["id"]] = (self.id, x)
        return int(answer["run"]["id"])

    def propagate(self) -> int:
        body = {"direction": "forward", "from_frame": 0}
        return int(self.person.insist(f"{self.path}/propagate/", body, **self.lease)["run"]["id"])

    def submit(self) -> None:
        self.person.insist(f"{self.assignment}/submit/", **self.lease)
        self.person.record.submits.append(self.id)

    def watch(self, run: int, stop: Event) -> None:
        """Looks, at each mask that is told, whether it is stored already."""
        record, rows = self.person.record, self.person.stack.rows
        for kind, data in self.person.events(run):
            if kind == "mask":
                stored = rows(
                    "select exists(select 1 from engine_runframe where run_id = %s and frame_idx = %s)"
                    " or exists(select 1 from engine_revision where run_id = %s)",
                    *(run, data["frame_idx"], run),
                )[0][0]
                record.shown += 1
                if not stored:
                    record.lost.append(f"frame {data['frame_idx']} of run {run} was shown and not stored")
            if stop.is_set() or (kind == "status" and data["status"] not in LIVE):
                return


def square(frame_idx: int) -> tuple[float, float]:
    """The upper left corner of what moves in the clips; it is 48 pixels wide."""
    return 20.0 + 2.0 * frame_idx, 48.0


def clip(number: int, *, frames: int = FRAMES) -> bytes:
    """A bright square that moves over a noisy ground, each clip with another ground."""
    ground = np.random.default_rng(number).integers(30, 90, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    pictures = np.repeat(ground[None], frames, axis=0)
    for idx in range(frames):
        x, y = (int(side) for side in square(idx))
        pictures[idx, y : y + 48, x : x + 48] = (230, 200, 60)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        write_mp4(path, pictures, 6.0)
        return path.read_bytes()


def upload(owner: Worker, number: int, *, frames: int = FRAMES) -> int:
    """Brings a clip in, part by part; the video's id once that was acknowledged."""
    content = clip(number, frames=frames)
    begun = owner.insist(
        f"/api/projects/{owner.stack.project}/uploads/", {"name": f"clip-{number}.mp4", "size": len(content)}
    )

    def put() -> str | None:
        asked = owner.post(f"/api/uploads/{begun['id']}/parts/", {"part_numbers": [1]})
        answer = httpx.put(asked["urls"]["1"], content=content, timeout=15)
        return answer.headers.get("ETag") if answer.is_success else None

    etag = until(put, what="a part")
    done = until(
        lambda: owner._answer(
            f"/api/uploads/{begun['id']}/complete/", {"parts": [{"part_number": 1, "etag": etag}]}, "", {}
        ),
        what="complete",
    )
    if not done.is_success:
        raise Refused(done)
    video = int(done.json()["id"])
    owner.record.uploads[video] = hashlib.sha256(content).hexdigest()
    _is_there(owner, video)
    return video


def _is_there(owner: Worker, video: int) -> None:
    """The object of an upload that was acknowledged, looked for at once; no answer says nothing."""
    key = f"projects/{owner.stack.project}/videos/{video}/source"
    try:
        owner.stack.weed.client.head_object(Bucket="maskloop", Key=key)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            owner.record.lost.append(f"video {video} was acknowledged without its object")
    except Exception:  # noqa: S110  it is down at the moment
        pass


def ready(person: Person, video: int) -> None:
    """Waits until the video can be worked on."""

    def look() -> bool:
        row = person.get(f"/api/videos/{video}/")
        if row["status"] == "failed":
            raise GaveUp(f"video {video} failed: {row['failure']}")
        return bool(row["status"] == "ready")

    until(look, what=f"video {video}")


# What each does all day long.


def annotate(person: Worker, videos: list[int], stop: Event) -> None:
    for _ in _days(stop):
        mine = Object(person, person.chance.choice(videos))
        for _ in range(person.chance.randint(1, 3)):
            person.ended(mine.click())
        if person.chance.random() < 0.5:
            run = mine.propagate()
            _watch_as_long_as_it_lasts(mine, run, stop)
            if person.ended(run)["status"] != "succeeded":
                continue
        mine.submit()


def _watch_as_long_as_it_lasts(mine: Object, run: int, stop: Event) -> None:
    # A stream may break off; the run's end is asked for.
    with suppress(httpx.HTTPError, Refused, psycopg2.Error):
        mine.watch(run, stop)


def review(person: Worker, stop: Event) -> None:
    for _ in _days(stop):
        claimed = person.insist(f"/api/projects/{person.stack.project}/queue/review/next/")
        if claimed is None:
            time.sleep(1)
            continue
        lease = {"Lease_Token": claimed["token"]}
        body = {"verdict": "satisfactory"}
        told = person.insist(f"/api/reviews/{claimed['id']}/verdict/", body, **lease)
        person.record.verdicts[told["id"]] = claimed["id"]


def bring_in(person: Worker, stop: Event) -> None:
    for number in _days(stop):
        upload(person, 1000 + number, frames=12)
        stop.wait(8)


def _days(stop: Event) -> Iterator[int]:
    """Again and again; what was refused or broke off is begun anew."""
    number = 0
    while not stop.is_set():
        number += 1
        yield number


def keep_at(work: Callable[..., None], *arguments: Any, stop: Event) -> None:
    """`work` for as long as it lasts; whoever was refused or gave up begins with something else."""
    while not stop.is_set():
        try:
            work(*arguments, stop)
        except (Refused, GaveUp, httpx.HTTPError, psycopg2.Error, KeyError):
            time.sleep(0.5)
