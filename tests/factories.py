"""Rows and objects that tests start from. Everything is real: rows in PostgreSQL, JPEG frames in S3.

The footage is a bright disc on a dull ground that moves to the right, so a test knows where the object is
on every frame (`disc_mask`) and where to click (`disc_centre`).
"""

import hashlib
import io
import itertools
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.contrib.auth.models import User
from PIL import Image

from engine import lifecycle, storage
from engine.models import (
    Candidate,
    Checkpoint,
    CheckpointStatus,
    Evaluation,
    EvaluationSet,
    Masklet,
    MaskletStatus,
    Project,
    Prompt,
    PromptKind,
    Release,
    Revision,
    RevisionKind,
    Role,
    Run,
    RunKind,
    Video,
    VideoStatus,
)
from engine.models.checkpoint import Compared, Measured
from engine.run_kinds import PredictParams, PropagateParams, TrainingSettings
from engine.services import (
    candidates,
    checkpoints,
    evaluation_sets,
    gate,
    generation as generations,
    projects,
    releases,
    retraining as retrainings,
    runs,
)
from engine.services.candidates import Found
from vos import rle

WIDTH, HEIGHT, RADIUS = 96, 64, 12
PASSWORD = "correct horse battery staple"

_serial = itertools.count(1)


@dataclass(frozen=True)
class Team:
    """A project with one person in each role, and a stranger who is no member."""

    project: Project
    owner: User
    annotator: User
    second_annotator: User
    reviewer: User
    stranger: User


def user(name: str = "user") -> User:
    return User.objects.create_user(f"{name}-{next(_serial)}", password=PASSWORD)


def team(*, separate_selection: bool = False, **project: Any) -> Team:
    """Whoever chose an object may track it, unless a test is about that."""
    owner = user("owner")
    project.setdefault("name", f"Project {next(_serial)}")
    made = projects.create_project(actor=owner, **project)
    projects.change_project(actor=owner, project=made, separate_selection=separate_selection)
    people = {name: user(name) for name in ("annotator", "second_annotator", "reviewer")}
    roles = {"annotator": Role.ANNOTATOR, "second_annotator": Role.ANNOTATOR, "reviewer": Role.REVIEWER}
    for name, person in people.items():
        projects.add_member(actor=owner, project=made, username=person.username, role=roles[name])
    return Team(project=made, owner=owner, stranger=user("stranger"), **people)


# Footage.


def disc_centre(frame_idx: int, *, width: int = WIDTH, height: int = HEIGHT) -> tuple[float, float]:
    """(x, y) in pixels of the frame; the disc moves 2 pixels a frame and turns back at the edges."""
    reach = width - 2 * RADIUS
    step = (2 * frame_idx) % (2 * reach)
    return RADIUS + float(min(step, 2 * reach - step)), height / 2


def disc_mask(frame_idx: int, *, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """Where the disc is: bool [H, W]."""
    x, y = disc_centre(frame_idx, width=width, height=height)
    rows, columns = np.mgrid[:height, :width]
    return np.asarray((columns - x) ** 2 + (rows - y) ** 2 <= RADIUS**2)


def disc_frame(frame_idx: int, *, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """The picture: uint8 [H, W, 3] RGB."""
    ground = np.random.default_rng(7).integers(40, 90, (height, width, 3), dtype=np.uint8)
    ground[disc_mask(frame_idx, width=width, height=height)] = (230, 180, 40)
    return ground


def jpeg(frame: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(frame).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


# Videos and masklets.


def video(project: Project, actor: User, **fields: Any) -> Video:
    """A row alone, as an upload leaves it; pass `status` and what else differs."""
    fields = {"name": f"clip-{next(_serial)}.mp4", "fps": project.fps} | fields
    return Video.objects.create(
        project=project, annotate_every=project.annotate_every, created_by=actor, **fields
    )


def ready_video(
    project: Project,
    actor: User,
    *,
    frames: int | np.ndarray = 12,
    width: int = WIDTH,
    height: int = HEIGHT,
    stored: bool = True,
    proxy: bool = False,
    **fields: Any,
) -> Video:
    """A READY video with `frames` annotated frames of the disc, or with the frames given (uint8 [T, H, W, 3]).

    `stored=False` writes no objects to S3, for tests that never look at a frame. `proxy=True` also writes a
    proxy.mp4 in which annotated frame j is frame `annotate_every * j`.
    """
    if isinstance(frames, int):
        count = frames
        pictures = [disc_frame(idx, width=width, height=height) for idx in range(count)] if stored else []
    else:
        count, height, width = frames.shape[:3]
        pictures = list(frames)
    timeline = (count - 1) * project.annotate_every + 1
    made = video(
        project,
        actor,
        status=VideoStatus.READY,
        width=width,
        height=height,
        frame_count=count,
        timeline_frame_count=timeline,
        duration=timeline / project.fps,
        source_sha256=fields.pop(
            "source_sha256", hashlib.sha256(f"source {next(_serial)}".encode()).hexdigest()
        ),
        **fields,
    )
    if stored:
        bodies = [jpeg(picture) for picture in pictures]
        for idx, body in enumerate(bodies):
            storage.put(made.frame_key(idx), body, content_type="image/jpeg")
        proxy_sha256 = _store_proxy(made, pictures, timeline) if proxy else ""
        lines: list[dict[str, Any]] = [{"format": "maskloop-manifest/1", "proxy_sha256": proxy_sha256}]
        lines += [
            {"frame_idx": i, "sha256": hashlib.sha256(body).hexdigest()} for i, body in enumerate(bodies)
        ]
        manifest = "\n".join(map(json.dumps, lines)).encode()
        storage.put(made.manifest_key, manifest, content_type="application/x-ndjson")
        storage.put(made.thumbnail_key, jpeg(pictures[0]), content_type="image/jpeg")
    return made


def _store_proxy(video: Video, pictures: list[np.ndarray], timeline: int) -> str:
    """Its SHA-256."""
    from worker.render import write_mp4

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "proxy.mp4"
        write_mp4(path, np.stack([pictures[i // video.annotate_every] for i in range(timeline)]), video.fps)
        storage.put_file(video.proxy_key, path, content_type="video/mp4")
        return hashlib.sha256(path.read_bytes()).hexdigest()


def masklet(video: Video, actor: User, **fields: Any) -> Masklet:
    """A masklet of the video, SELECTED unless `status` says otherwise; object ids count up from 1."""
    fields.setdefault("object_id", video.masklets.count() + 1)  # type: ignore[attr-defined]
    return Masklet.objects.create(project_id=video.project_id, video=video, created_by=actor, **fields)


def click(masklet: Masklet, actor: User, *, frame_idx: int = 0, positive: bool = True, **at: float) -> Prompt:
    """A click, on the disc's centre unless `x` and `y` say otherwise."""
    x, y = disc_centre(frame_idx)
    return Prompt.objects.create(
        masklet=masklet,
        frame_idx=frame_idx,
        kind=PromptKind.CLICK,
        positive=positive,
        actor=actor,
        x=at.get("x", x),
        y=at.get("y", y),
    )


def paint(masklet: Masklet, actor: User, mask: np.ndarray, *, frame_idx: int = 0) -> Prompt:
    """A mask prompt."""
    return Prompt.objects.create(
        masklet=masklet, frame_idx=frame_idx, kind=PromptKind.MASK, rle=rle.encode(mask), actor=actor
    )


def mask_frame(mask: np.ndarray, *, stability: float = 1.0) -> dict[str, Any]:
    """A mask as a revision holds it."""
    return {
        "counts": rle.encode(mask)["counts"],
        "predicted_iou": 1.0,
        "object_score": 10.0 if mask.any() else -10.0,
        "stability": stability,
    }


def revision(
    masklet: Masklet, actor: User, frames: Mapping[int, np.ndarray] | None = None, **fields: Any
) -> Revision:
    """Masks (the disc on every frame unless `frames` says otherwise) as the masklet's current revision.

    The prompts it was made with are those stored so far, unless `prompt_ids` says otherwise.
    """
    video = masklet.video
    if frames is None:
        assert video.frame_count is not None
        size = {"width": video.width, "height": video.height}
        frames = {idx: disc_mask(idx, **size) for idx in range(video.frame_count)}  # type: ignore[arg-type]
    content = {
        "size": [video.height, video.width],
        "frames": {str(idx): mask_frame(mask) for idx, mask in frames.items()},
    }
    sha256, key = storage.put_masks(masklet.project_id, content)
    prompts = list(masklet.prompts.all())  # type: ignore[attr-defined]
    made = Revision.objects.create(
        masklet=masklet,
        number=masklet.revision_number + 1,
        parent=masklet.revision,
        kind=fields.pop("kind", RevisionKind.PROPAGATE),
        sha256=sha256,
        key=key,
        frame_count=len(frames),
        actor=actor,
        **{
            "prompt_ids": [prompt.pk for prompt in prompts],
            "last_prompt_id": max((prompt.pk for prompt in prompts), default=0),
            "edited_frames": sorted({prompt.frame_idx for prompt in prompts}),
        }
        | fields,
    )
    Masklet.objects.filter(pk=masklet.pk).update(revision=made, doubt=made.doubt)
    masklet.revision = made
    return made


def accepted_masklet(video: Video, team: Team, frames: Mapping[int, np.ndarray] | None = None) -> Masklet:
    """A masklet that was tracked, submitted and found satisfactory."""
    made = masklet(video, team.annotator, status=MaskletStatus.ANNOTATING)
    click(made, team.annotator)
    revision(made, team.annotator, frames)
    lifecycle.change(made, MaskletStatus.IN_VERIFICATION, actor=team.annotator)
    lifecycle.change(made, MaskletStatus.ACCEPTED, actor=team.reviewer)
    return made


def frozen_release(team: Team, name: str = "first") -> Release:
    from worker.datasets.freeze import freeze
    from worker.runs import Work

    release = releases.create_release(actor=team.owner, project=team.project, name=name)
    run = runs.take(releases.freeze(actor=team.owner, release=release).pk, worker="here")
    assert run is not None
    freeze(Work(run))
    release.refresh_from_db()
    return release


def retraining(team: Team, release: Release | None = None, **settings: Any) -> Run:
    """A queued retraining, from the project's active checkpoint."""
    return retrainings.start(
        actor=team.owner, release=release or frozen_release(team), settings=TrainingSettings(**settings)
    )


def champion(team: Team, location: str) -> Checkpoint:
    """A checkpoint at `location` that the owner vouches for, and that the project uses from now on."""
    made = Checkpoint.objects.create(
        project=team.project, name=f"at {location}"[:80], location=location, status=CheckpointStatus.EVALUATED
    )
    return checkpoints.promote(actor=team.owner, checkpoint=made, reason="It is vouched for.")


def candidate(team: Team, run: Run, *, evaluated: bool = True) -> Checkpoint:
    """What a retraining leaves: a checkpoint with (made up) weights, and figures unless `evaluated=False`."""
    taken = runs.take(run.pk, worker="here")
    assert taken is not None
    made = retrainings.record_candidate(taken)
    retrainings.record_weights(taken, made, f"s3:{made.prefix}/{'0' * 64}", size=1000)
    if evaluated:
        figures = {"jf_mask": 0.5, "jf_1_click": 0.4, "objects": 3}
        both = Compared(figures, figures | {"jf_mask": 0.75})
        retrainings.record_evaluation(taken, made, Measured(both, None, "Kept aside.", [1], [2], {}))
    return made


# Candidates.


def generation(team: Team, video: Video) -> Run:
    """A generation that a worker has in hand."""
    (run,) = generations.start(actor=team.owner, project=team.project, videos=[video.pk])
    taken = runs.take(run.pk, worker="here")
    assert taken is not None
    return taken


def proposed(run: Run, *, cut: float = 0.4, **found: Any) -> Candidate:
    """What the run found: the disc on every frame, sure and stable, unless `found` says otherwise."""
    video = run.video
    assert video is not None
    size = {"width": video.width or 0, "height": video.height or 0}
    masks = {idx: mask_frame(disc_mask(idx, **size)) for idx in range(video.frame_count or 0)}
    values: dict[str, Any] = {
        "source": "grid",
        "first_frame": 0,
        "point": disc_centre(0),
        "frames": masks,
        "score": 0.8,
        "scores": {"confidence": 0.9, "stability": 0.9},
        "fate": "passed",
    }
    return candidates.record(run, Found(**values | found), cut=cut)


# The gate.


def held_out(team: Team, *, videos: int = 10, attempts: int = 10) -> EvaluationSet:
    """An evaluation set over five of `videos` new videos, two accepted masklets in each."""
    for _ in range(videos):
        clip = ready_video(team.project, team.owner, stored=False)
        for _ in range(2):
            accepted_masklet(clip, team)
    return evaluation_sets.draw(team.project, allowed=attempts)


def objects(held: EvaluationSet, *, jf: float = 0.5, absent: float = 0.9) -> list[dict[str, Any]]:
    """Figures of each masklet of the set, as a worker measures them."""
    return [
        {
            "source": item.source_sha256,
            "masklet": item.masklet_id,
            "video": item.masklet.video_id,
            "size": "medium",
            "jf_mask": jf,
            "jf_1_click": jf + 0.001 * (item.pk % 7),
            "absent": 20,
            "absent_called": round(20 * absent),
            "present": 20,
            "present_called": 20,
        }
        for item in held.items.all()  # type: ignore[attr-defined]
    ]


def judged(
    checkpoint: Checkpoint, held: EvaluationSet, *, run: Run, after: float = 0.7, absent: float = 0.9,
    old: float = 0.5, old_absent: float = 0.9,
) -> Evaluation:  # fmt: skip
    """An evaluation beside the champion, whose J&F is 0.5; `run` is under way."""
    champion = checkpoints.active(checkpoint.project_id)
    assert champion is not None
    return gate.record(
        run,
        checkpoint,
        held=held,
        champion=champion,
        before=objects(held),
        after=objects(held, jf=after, absent=absent),
        old_before=objects(held),
        old_after=objects(held, jf=old, absent=old_absent),
        figures={},
    )


def challenger(team: Team, held: EvaluationSet, release: Release, **figures: float) -> Checkpoint:
    """A retrained candidate with an evaluation on the set: one that passes, unless `figures` say otherwise."""
    run = runs.take(retraining(team, release).pk, worker="here")
    assert run is not None
    made = retrainings.record_candidate(run)
    retrainings.record_weights(run, made, f"s3:{made.prefix}/{made.pk:064d}", size=1000)
    judged(made, held, run=run, **figures)
    retrainings.record_evaluation(run, made, Measured(None, None, "", [], [], {}))
    return made


# Runs, as the services ask for them.


def predict_run(masklet: Masklet, actor: User, *, frame_idx: int = 0) -> Run:
    return runs.request(
        kind=RunKind.PREDICT,
        actor=actor,
        project_id=masklet.project_id,
        masklet=masklet,
        params=PredictParams(frame_idx, remembers=False),
    )


def evaluation_run(checkpoint: Checkpoint, actor: User) -> Run:
    return runs.request(
        kind=RunKind.EVALUATE, actor=actor, project_id=checkpoint.project_id, candidate=checkpoint
    )


def propagate_run(
    masklet: Masklet,
    actor: User,
    *,
    direction: str = "forward",
    from_frame: int = 0,
    whole: bool = False,
    masks_only: bool = False,
) -> Run:
    prompts = masklet.prompts.in_force(masklet.revision)  # type: ignore[attr-defined]
    return runs.request(
        kind=RunKind.PROPAGATE,
        actor=actor,
        project_id=masklet.project_id,
        masklet=masklet,
        params=PropagateParams(
            direction=direction,
            from_frame=from_frame,
            prompt_ids=[prompt.pk for prompt in prompts],
            whole=whole,
            masks_only=masks_only,
        ),
    )
