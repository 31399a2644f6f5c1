"""A trainer that is killed at random steps, again and again: what it loads, and what it has lost.

python -m benchmarks.loop.kills FOLDER STEPS    trains a tiny model in FOLDER, telling each step (the child)
"""

import json
import os
import random
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import torch

from deploy.local.apps import ROOT

STEPS, KEEP_EVERY = 400, 4
SIZE = 64


def killed(folder: Path, times: int, *, seed: int = 0) -> dict[str, int]:
    """Over `times` kills: checkpoints that could not be loaded, and steps lost beyond the interval of keeping."""
    rng = random.Random(seed)
    bad = lost = 0
    for _ in range(times):
        reached, began = _one(folder, after=rng.randint(1, 3 * KEEP_EVERY), wait=rng.random() / 20)
        kept = folder / "last.pt"
        before = (
            json.loads((folder / "reached.json").read_text()) if (folder / "reached.json").exists() else 0
        )
        lost += max(0, before - began - KEEP_EVERY)
        if kept.exists():
            try:
                state = torch.load(kept, map_location="cpu", weights_only=False)
                bad += not all(torch.isfinite(value).all() for value in state["model"].values())
            except Exception:
                bad += 1
        (folder / "reached.json").write_text(json.dumps(reached))
    return {"bad_loads": bad, "steps_lost": lost, "kills": times}


def _one(folder: Path, *, after: int, wait: float) -> tuple[int, int]:
    """Trains until `after` more steps were told, then SIGKILL; (the last step told, the step that it went on from)."""
    command = [sys.executable, "-m", "benchmarks.loop.kills", str(folder), str(STEPS)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT, env=environment
    )
    assert child.stdout is not None
    first = last = 0
    for line in child.stdout:
        last = int(line)
        first = first or last
        if last - first >= after:
            break
    with suppress(subprocess.TimeoutExpired):
        child.wait(wait)  # some way into the next step, or into writing what is kept
    child.kill()
    child.wait()
    child.stdout.close()
    return last, first - 1


def main(folder: Path, steps: int) -> None:
    from worker.sam2.training.footage import Rendered
    from worker.sam2.training.loop import Hardware, Training
    from worker.sam2.training.model import small_model
    from worker.sam2.training.recipe import Stage

    stage = Stage("killed", steps, SIZE, clips=1, frames=2, objects=1, rates=(1e-4, 1e-5))
    Training(
        folder,
        [stage],
        [(Rendered(side=SIZE), 1.0)],
        small_model,
        hardware=Hardware("cpu", 1),
        keep_every=KEEP_EVERY,
        on_progress=lambda progress: print(progress.step, flush=True),
    ).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
