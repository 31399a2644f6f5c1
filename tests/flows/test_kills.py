"""What was acknowledged survives SIGKILL: of a worker in mid-propagation, of a web server in mid-edit."""

import json
import time
from typing import Any

import pytest

from tests.site import Person, Site, until

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
