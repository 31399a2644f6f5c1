"""What was acknowledged survives SIGKILL: of a worker in mid-propagation or mid-generation, of a web server in
mid-edit."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from maskloop import Client
from tests.site import Person, Site, until
from worker.render import render_clip, write_mp4

pytestmark = pytest.mark.timeout(420)


def new_object(person: Person, video: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    made = person.insist(f"/api/videos/{video['id']}/masklets/", {"label": "fish"})
    return made["masklet"], {"Lease_Token": made["assignment"]["token"]}


def click(person: Person, masklet: dict[str, Any], token: dict[str, str], **at: Any) -> dict[str, Any]:
    body = {"frame_idx": 0, "kind": "click", "x": 240.0, "y": 135.0, "positive": True} | at
    return dict(person.insist(f"/api/masklets/{masklet['id']}/prompts/", body, **token))


def test_a_worker_killed_in_mid_propagation_loses_no_prompt_and_no_persisted_frame(site: Site) -> None:
    anna = site.sign_in("anna")
    video = anna.ready_video()
    masklet, token = new_object(anna, video)
    anna.finish(click(anna, masklet, token)["run"]["id"])
    asked = anna.insist(
        f"/api/masklets/{masklet['id']}/propagate/", {"direction": "forward", "from_frame": 0}, **token
    )
    run_id = asked["run"]["id"]
    told = Listener(anna, run_id)
    seen = told.masks(at_least=4)

    assert site.kill("celery", "-Q gpu") >= 1
    killed_at = anna.run(run_id)
    assert killed_at["status"] == "running", "the propagation was over before the worker was killed"

    done = anna.finish(run_id, within=180)
    assert done["status"] == "succeeded"
    assert done["attempt"] == 2
    masks = anna.get(f"/api/masklets/{masklet['id']}/masks/")
    assert sorted(map(int, masks["frames"])) == list(range(video["frame_count"]))
    for frame_idx, counts in seen.items():
        assert masks["frames"][str(frame_idx)]["counts"] == counts, (
            f"frame {frame_idx} changed after it was shown"
        )
    assert [p["x"] for p in masks["prompts"]] == [240.0]


def test_a_web_server_killed_in_mid_edit_loses_nothing_that_was_acknowledged(site: Site) -> None:
    anna = site.sign_in("anna")
    masklet, token = new_object(anna, anna.ready_video())
    sent = []
    for n in range(12):
        if n in (4, 8):
            assert site.kill("granian", "engine.wsgi") >= 1
        x = 100.0 + n
        answer = click(anna, masklet, token, x=x)
        assert answer["prompt"]["x"] == x
        sent.append(x)
    held = anna.get(f"/api/masklets/{masklet['id']}/prompts/")["prompts"]
    assert [p["x"] for p in held] == sent, "each click that was answered is there, once"

    until(
        lambda: not anna.get("/api/runs/", masklet=masklet["id"], live="1")["results"], what="the last mask"
    )
    masks = anna.get(f"/api/masklets/{masklet['id']}/masks/")
    assert "0" in masks["frames"]
    assert [p["x"] for p in masks["prompts"]] == sent


class Listener:
    """Reads a run's events as a page does."""

    def __init__(self, person: Person, run_id: int):
        self._person = person
        self._address = f"{person.session['streams_origin']}/api/runs/{run_id}/events/"

    def masks(self, *, at_least: int) -> dict[int, str]:
        """The first masks that are told: frame_idx → counts."""

        found: dict[int, str] = {}
        deadline = time.monotonic() + 60
        with self._person.http.stream("GET", self._address) as response:
            assert response.status_code == 200
            kind = ""
            for line in response.iter_lines():
                assert time.monotonic() < deadline
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: ") and kind == "mask":
                    mask = json.loads(line.removeprefix("data: "))
                    found[mask["frame_idx"]] = mask["counts"]
                    if len(found) >= at_least:
                        break
        return found


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered clip with several objects, some of which SAM 2 finds by itself."""
    made = render_clip(11, width=320, height=180, frames=65, objects=4, split="test")
    path = tmp_path_factory.mktemp("clip") / "crowd.mp4"
    write_mp4(path, made.frames)
    return path


@pytest.mark.timeout(900)
def test_a_worker_killed_in_mid_generation_finds_the_same_and_stores_nothing_twice(
    site: Site, crowd: Path
) -> None:
    """SIGKILL twice: while the first candidates are followed and none is stored, and after some are."""
    olga = site.sign_in("olga")
    calm, killed = (uploaded(site, olga, crowd, name) for name in ("calm crowd.mp4", "killed crowd.mp4"))
    whole = olga.finish(generated(olga, calm), within=400)
    assert whole["status"] == "succeeded"

    run_id = generated(olga, killed)
    until(lambda: following(olga.run(run_id)), within=120, what="the first frames that are followed")
    assert found(olga, killed) == [], "candidates were stored before the worker was killed"
    assert site.kill("celery", "-Q gpu") >= 1
    until(lambda: found(olga, killed), within=200, what="the first candidate that is stored")
    assert site.kill("celery", "-Q gpu") >= 1
    assert olga.run(run_id)["status"] == "running", "the generation was over before the worker was killed"
    kept = {row["id"]: row for row in found(olga, killed)}

    done = olga.finish(run_id, within=400)
    assert (done["status"], done["attempt"]) == ("succeeded", 3)
    there = found(olga, killed)
    assert sorted(map(told, there)) == sorted(map(told, found(olga, calm)))
    assert done["result"]["fates"] == whole["result"]["fates"]
    assert done["result"]["coverage"] == whole["result"]["coverage"]
    assert {pk: told(row) for pk, row in kept.items()} == {
        row["id"]: told(row) for row in there if row["id"] in kept
    }, "what was stored before the kill stays as it was"
    assert len({row["object_id"] for row in there}) == len(there)
    for row in there:
        assert len(olga.get(f"/api/masklets/{row['id']}/revisions/")["results"]) == 1, "masks stored twice"


def uploaded(site: Site, owner: Person, path: Path, name: str) -> int:
    """Sent by the client, as a program would; the id of the video that became READY."""
    token = owner.insist(
        f"/api/projects/{owner.project['id']}/tokens/", {"name": name, "role": "owner", "days": 1}
    )
    copy = path.with_name(name)
    copy.write_bytes(path.read_bytes())
    with Client(site.origin, token["secret"]) as client:
        client.upload(owner.project["id"], copy)
    return int(owner.ready_video(name)["id"])


def generated(owner: Person, video: int) -> int:
    """The id of the run."""
    asked = owner.insist(f"/api/projects/{owner.project['id']}/generation/", {"videos": [video]})
    return int(asked["runs"][0]["id"])


def following(run: dict[str, Any]) -> bool:
    return bool(run["status"] == "running" and run["progress"]["done"] > 0)


def found(person: Person, video: int) -> list[dict[str, Any]]:
    return list(person.get("/api/candidates/", video=video, page_size=200)["results"])


def told(candidate: dict[str, Any]) -> tuple[Any, ...]:
    """What a candidate is, whichever masklet it became: where it began, what became of it, and its masks' sizes."""
    return (
        candidate["source"],
        candidate["first_frame"],
        candidate["fate"],
        round(candidate["score"], 6),
        tuple(candidate["areas"]),
    )
