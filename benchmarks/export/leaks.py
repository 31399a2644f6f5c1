"""Does the same footage ever stand on two sides? Made-up projects whose truth is known."""

from __future__ import annotations

import random
from collections import defaultdict

from django.contrib.auth.models import User

from benchmarks.export.seed import project_of
from engine.models import Split, Video, VideoStatus
from engine.services import splits
from worker.retraining.dataset import split

SCENES, COPIES = 8, 3


def count(owner: User, projects: int) -> int:
    """Scenes, over all projects, of which two copies stand on two sides, of an export's or a retraining's."""
    return sum(_leaks(owner, seed) for seed in range(projects))


def _leaks(owner: User, seed: int) -> int:
    drawn = random.Random(seed)
    project = project_of(owner, f"leaks {seed}")
    truth: dict[int, int] = {}
    told = [(scene, fields) for scene in range(SCENES) for fields in _copies(drawn, scene)]
    drawn.shuffle(told)
    for n, (scene, fields) in enumerate(told):
        video = Video.objects.create(
            project=project, created_by=owner, name=f"{n}.mp4", status=VideoStatus.READY, fps=24.0,
            annotate_every=4, width=8, height=8, frame_count=60, timeline_frame_count=237, duration=10.0, **fields,
        )  # fmt: skip
        truth[video.pk] = scene
        splits.regroup(video)
        if drawn.random() < 0.05:  # an owner says something now and then
            side = drawn.choice(list(Split))
            splits.describe(actor=owner, project=project, videos=[video.pk], split=side)
    videos = list(Video.objects.filter(project=project))
    sides = splits.sides_of(videos)
    trained, aside = split(videos)
    judged = dict.fromkeys(trained, "trained") | dict.fromkeys(aside, "aside")
    return _torn(truth, sides) + _torn(truth, judged)


def _torn(truth: dict[int, int], sides: dict[int, str]) -> int:
    of_scene = defaultdict(set)
    for pk, scene in truth.items():
        of_scene[scene].add(sides[pk])
    return sum(len(found) > 1 for found in of_scene.values())


def _copies(drawn: random.Random, scene: int) -> list[dict[str, object]]:
    """The first, and copies of it: the same file, one cut and encoded again, or one that only its owner knows."""
    pictures = [drawn.getrandbits(64) for _ in range(10)]
    first: dict[str, object] = {
        "source_sha256": f"{drawn.getrandbits(256):064x}",
        "picture_hashes": [_signed(p) for p in pictures],
    }
    key = f"place {scene}"
    made = [first | {"group_key": key}]
    for _ in range(drawn.randint(0, COPIES)):
        kind = drawn.choice(["file", "pictures", "key"])
        if kind == "file":
            made.append({"source_sha256": first["source_sha256"]})
        elif kind == "pictures":
            cut = pictures[drawn.randint(0, 3) : drawn.randint(7, 10)]
            seen = [_signed(_noisy(drawn, picture)) for picture in cut]
            made.append({"source_sha256": f"{drawn.getrandbits(256):064x}", "picture_hashes": seen})
        else:
            made.append({"group_key": key})
    return made


def _noisy(drawn: random.Random, bits: int) -> int:
    """As another encoding leaves it: some bits differ."""
    for place in drawn.sample(range(64), drawn.randint(0, 6)):
        bits ^= 1 << place
    return bits


def _signed(bits: int) -> int:
    return bits - 2**64 if bits >= 2**63 else bits
