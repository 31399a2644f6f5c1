"""What annotating costs in each phase of the data engine: simulated people through the HTTP API of the real stack.

    python -m benchmarks.bench_effort            the figures (half an hour on two cores)
    python -m benchmarks.bench_effort --quick    three clips, for a look

Time is the SAM 2 paper's model (§6.1), not the clock on the wall. The last line is one JSON object; its keys, the
protocols and what was found: docs/effort-benchmark.md.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.effort import footage as clips, report, trials
from benchmarks.effort.client import Person
from benchmarks.effort.footage import ClipToAnnotate
from benchmarks.effort.results import Result
from benchmarks.effort.stack import Stack, running_stack
from benchmarks.effort.workforce import Job, Workforce
from deploy.local.apps import ROOT
from deploy.local.progress import say, step

CLIPS, CLIPS_QUICK = 15, 3
OWNER = "olga"
#: Phase 1 has most prompts; whoever is done helps with what belongs to nobody.
WORKFORCE = {1: ["ada", "ben", "cleo", "dan"], 2: ["eva", "finn"], 3: ["gus", "hana"]}
INTERACTIVE = ("offline", "online", "look_here")
OUT = ROOT / ".maskloop" / "bench-effort"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--clips", type=int, help=f"{CLIPS} if left out")
    parser.add_argument("--checkpoint", help="folder or hub name; the bundled one if left out")
    options = parser.parse_args()
    begin = time.monotonic()
    footage = list(clips.rendered(options.clips or (CLIPS_QUICK if options.quick else CLIPS)))
    with temporary_folder() as folder, running_stack(folder, checkpoint=options.checkpoint) as stack:
        results, differences = annotate(stack, footage)
    OUT.mkdir(parents=True, exist_ok=True)
    figures = report.figures(results)
    figures |= {"videos": len(footage), "minutes": (time.monotonic() - begin) / 60}
    report.plots(figures, OUT)
    table = report.table(figures)
    say(table)
    (OUT / "table.txt").write_text(table)
    line = json.dumps(report.rounded(figures))
    (OUT / "figures.json").write_text(line)
    (OUT / "objects.json").write_text(json.dumps([report.of_object(result) for result in results], indent=1))
    print(line)
    if differences:
        sys.exit("\n".join(differences))


@contextmanager
def temporary_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="maskloop-bench-"))
    folder.chmod(0o711)  # root's PostgreSQL runs as nobody and must pass through
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def annotate(stack: Stack, footage: Sequence[ClipToAnnotate]) -> tuple[list[Result], list[str]]:
    """People and a project, the clips brought in, all objects annotated by all strategies, and where the server's
    account of it is another than ours."""
    names = [name for group in WORKFORCE.values() for name in group]
    with step("Making people and a project"):
        stack.add_people([OWNER, *names])
        owner = Person(stack.origin, OWNER)
        project = make_project(owner)
        stack.add_members(project, OWNER, dict.fromkeys(names, "annotator"))
    with step(f"Bringing in {len(footage)} clips"):
        videos = [clips.upload(owner, project, clip) for clip in footage]
        off = [clips.check(owner, video, clip) for video, clip in zip(videos, footage, strict=True)]
    say(f"  Stored frames differ from the rendered ones by {max(off):.1f} grey levels at most.")
    objects = [(video, truth) for video, clip in zip(videos, footage, strict=True) for truth in clip.objects]
    with step(f"Choosing {len(objects)} objects"):
        experiment = trials.set_up(owner, project, objects, WORKFORCE)
        jobs = trials.jobs(owner, experiment, objects)
    jobs += [
        Job(strategy, n, truth, video) for n, (video, truth) in enumerate(objects) for strategy in INTERACTIVE
    ]
    results = Workforce(stack.origin, names, jobs).work(stack.supervisor.check)
    differences = trials.differences(owner, project, experiment["id"], results)
    say(f"  The server's ledger says {'something else' if differences else 'the same'}.")
    return results, differences


def make_project(owner: Person) -> int:
    """Each rendered frame is an annotated frame; who chose an object may go on with it."""
    project = owner.post("/api/projects/", {"name": "Effort", "fps": clips.FPS, "annotate_every": 1})["id"]
    owner.patch(f"/api/projects/{project}/", {"separate_selection": False})
    return int(project)


if __name__ == "__main__":
    main()
