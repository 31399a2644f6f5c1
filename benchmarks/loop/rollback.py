"""How long a rollback takes: until the next click is answered by the old weights."""

import time
from typing import Any

from benchmarks.effort import footage as clips
from benchmarks.effort.client import Person
from benchmarks.effort.stack import Stack
from benchmarks.loop import footage
from benchmarks.loop.footage import Size
from benchmarks.loop.rounds import make_project
from benchmarks.loop.stack import rows
from deploy.local.progress import step

IMPORTED_WITHIN = 600.0  #: seconds


def measure(stack: Stack, owner: Person, project: int) -> dict[str, Any]:
    """`rollback_s`, in the loop's project; where the gate let nothing pass there, in one where an owner vouched."""
    if not owner.get(f"/api/projects/{project}/promotions/")["results"][0]["former"]:
        with step("Nothing was promoted; another project has something to roll back"):
            project = _vouched_for(stack, owner)
    video = owner.get("/api/videos/", project=project)["results"][0]
    claimed = owner.post(f"/api/videos/{video['id']}/masklets/", {})
    masklet, lease = claimed["masklet"]["id"], {"Lease_Token": claimed["assignment"]["token"]}
    click = {
        "frame_idx": 0,
        "kind": "click",
        "x": video["width"] / 2,
        "y": video["height"] / 2,
        "positive": True,
    }
    begin = time.monotonic()
    back = owner.post(f"/api/projects/{project}/rollback/", {"reason": "measuring how long it takes"})
    run = owner.post(f"/api/masklets/{masklet}/prompts/", click, **lease)["run"]["id"]
    for kind, data in owner.events(run):
        if kind == "status" and data["status"] not in ("queued", "running"):
            break
    seconds = time.monotonic() - begin
    used = rows(stack, "SELECT checkpoint_id FROM annotation_interaction WHERE masklet_id = %s", masklet)
    if used != [(back["id"],)]:
        raise RuntimeError(f"The click after the rollback to {back['id']} used {used}.")
    return {"rollback_s": seconds}


def _vouched_for(stack: Stack, owner: Person) -> int:
    """A project with one video, whose champion was brought in and vouched for: the bundled weights once more."""
    project = make_project(owner, stack)
    (clip,) = footage.to_look_through(99, 1, Size())
    clips.check(owner, clips.upload(owner, project, clip), clip)
    asked = {"name": "brought in", "location": "bundled"}
    coming = owner.post(f"/api/projects/{project}/checkpoint-imports/", asked)["id"]
    deadline = time.monotonic() + IMPORTED_WITHIN
    while (row := owner.get(f"/api/checkpoint-imports/{coming}/"))["status"] == "reading":
        stack.supervisor.check()
        if time.monotonic() > deadline:
            raise RuntimeError(f"The checkpoint was not brought in: {row['run']}")
        time.sleep(0.5)
    vouched = {"reason": "there is nothing to judge it by"}
    owner.post(f"/api/checkpoints/{row['checkpoint']}/promote/", vouched)
    return project
