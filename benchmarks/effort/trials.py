"""The controlled experiment (SAM 2 paper, §5.1 and appendix D.2.2), set up and read through the API."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.effort import results as r
from benchmarks.effort.annotator import Annotator
from benchmarks.effort.client import Held, Person
from benchmarks.effort.results import Result
from benchmarks.effort.workforce import Job
from vos import metrics, rle

Object = tuple[int, np.ndarray]  # its video, its true masks


def set_up(
    owner: Person, project: int, objects: Sequence[Object], groups: Mapping[int, Sequence[str]]
) -> Any:
    """Chooses each object on the first frame and has it annotated under each phase by the phase's group."""
    chosen = [choose(owner, video, truth) for video, truth in objects]
    body = {
        "name": "Table 1",
        "masklets": chosen,
        "groups": {str(phase): names for phase, names in groups.items()},
    }
    return owner.post(f"/api/projects/{project}/experiments/", body)


def choose(person: Person, video: int, truth: np.ndarray) -> int:
    """Points the object out, and passes it on."""
    held = Held(person, person.post(f"/api/videos/{video}/masklets/"))
    Annotator(held, truth).refine(0)
    held.hand_back()
    return int(held.masklet["id"])


def jobs(person: Person, experiment: Any, objects: Sequence[Object]) -> list[Job]:
    """The experiment's masklets, each with the object that it means and the person whom it is kept for."""
    found = []
    for arm in experiment["arms"]:
        for pk in arm["masklets"]:
            row, target = person.get(f"/api/masklets/{pk}/"), person.get(f"/api/masklets/{pk}/target/")
            number = meant(target, row["video"], objects)
            strategy = f"phase_{arm['phase']}"
            found.append(Job(strategy, number, objects[number][1], row["video"], pk, row["assigned_to"]))
    return found


def meant(target: Mapping[str, Any], video: int, objects: Sequence[Object]) -> int:
    """The number of the object that lies below the outline."""
    outlined = rle.decode({"size": target["size"], "counts": target["counts"]})
    return max(
        (number for number, (where, _) in enumerate(objects) if where == video),
        key=lambda number: metrics.iou(outlined, objects[number][1][target["frame_idx"]]),
    )


def differences(owner: Person, project: int, experiment: int, results: Sequence[Result]) -> list[str]:
    """Where the server's ledger, in the project's table or in the experiment's, does not say what we counted."""
    table = owner.get(f"/api/projects/{project}/effort/", by="phase", trial="true")["rows"]
    arms = owner.get(f"/api/experiments/{experiment}/")["arms"]
    found = []
    for phase, (row, arm) in enumerate(zip(table, arms, strict=True), 1):
        ours = counted(phase, results)
        for theirs in (row, arm["row"]):
            said = {name: theirs[name] for name in ours}
            if not same(ours, said):
                found.append(f"Phase {phase}: the server says {said}, we counted {ours}.")
    return found


def counted(phase: int, results: Sequence[Result]) -> dict[str, Any]:
    """What the server's row of a phase should say, but for the time."""
    ours = [result for result in results if result.strategy == f"phase_{phase}"]
    reference = [result for result in results if result.strategy == "phase_1"]
    return {
        "masklets": len(ours),
        "frames": sum(len(result.counts) for result in ours),
        "edited_frames_share": r.edited_share(ours),
        "clicked_frames": sum(len(result.effort.clicks) for result in ours),
        "clicks": sum(result.effort.clicks.total() for result in ours),
        "clicks_per_clicked_frame": r.clicks_per_clicked_frame(ours),
        "strokes": sum(result.effort.strokes.total() for result in ours),
        "alignment": r.alignment(ours, reference) if phase > 1 else None,
    }


def same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, Mapping):
        return isinstance(theirs, Mapping) and all(same(value, theirs[name]) for name, value in ours.items())
    if isinstance(ours, float):
        return theirs is not None and math.isclose(ours, theirs, abs_tol=1e-9)
    return bool(ours == theirs)
