"""Rows for bench-verify, made inside the app (`manage.py shell`): masklets that wait, and that were accepted."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from engine import storage
from engine.models import (
    Masklet,
    MaskletStatus,
    PreverifierScore,
    Project,
    Revision,
    RevisionKind,
    Transition,
    Video,
    VideoStatus,
)
from engine.models.masklet import RISK_HASTE
from engine.preverification import Place
from verification.models import GoldItem
from verification.services import opinions as looked
from vos import rle

WIDTH, HEIGHT, FRAMES = 96, 64, 12
SHAPES = 40  #: different masklets; the rest are the same again
AT_ONCE = 5_000
THOUGHT_OF = 0.67


def seed(
    project: int, annotator: str, *, videos: int, waiting: int, accepted: int, reviewers: list[str]
) -> None:
    """`waiting` masklets IN_VERIFICATION and `accepted` ones, over `videos`; every twentieth that waits was chosen by
    one of `reviewers`, who must not get it."""
    random.seed(13)
    owner = Project.objects.get(pk=project).memberships.get(role="owner").user
    person = User.objects.get(username=annotator)
    chosen_by = list(User.objects.filter(username__in=reviewers))
    clips = _videos(project, owner, videos)
    keys = [_store(project, shape) for shape in range(SHAPES)]
    now = timezone.now()
    total = waiting + accepted
    for begin in range(0, total, AT_ONCE):
        numbers = range(begin, min(total, begin + AT_ONCE))
        rows = [
            Masklet(
                project_id=project,
                video=clips[n % videos],
                object_id=n // videos + 1,
                created_by=random.choice(chosen_by) if chosen_by and n % 20 == 0 else person,
            )
            for n in numbers
        ]
        masklets = Masklet.objects.bulk_create(rows)
        _finish(masklets, person, keys, accepted=accepted - begin, now=now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _videos(project: int, owner: User, count: int) -> list[Video]:
    return Video.objects.bulk_create(
        Video(
            project_id=project,
            name=f"clip-{n}.mp4",
            status=VideoStatus.READY,
            fps=24,
            annotate_every=4,
            width=WIDTH,
            height=HEIGHT,
            frame_count=FRAMES,
            timeline_frame_count=(FRAMES - 1) * 4 + 1,
            duration=2.0,
            source_sha256="0" * 64,
            created_by=owner,
        )
        for n in range(count)
    )


def _store(project: int, shape: int) -> tuple[str, str]:
    """A box that moves, as masks of a revision; (sha256, key)."""
    import numpy as np

    frames = {}
    for idx in range(FRAMES):
        mask = np.zeros((HEIGHT, WIDTH), bool)
        x, y = 4 + (shape * 7 + 3 * idx) % 60, 4 + (shape * 5) % 36
        mask[y : y + 14 + shape % 7, x : x + 18 + shape % 5] = True
        frames[str(idx)] = {
            "counts": rle.encode(mask)["counts"],
            "predicted_iou": 0.9,
            "object_score": 8.0,
            "stability": 0.95,
        }
    return storage.put_masks(project, {"size": [HEIGHT, WIDTH], "frames": frames})


def _finish(
    masklets: list[Masklet], person: User, keys: list[tuple[str, str]], *, accepted: int, now: datetime
) -> None:
    revisions = Revision.objects.bulk_create(
        Revision(
            masklet=masklet,
            number=1,
            kind=RevisionKind.PROPAGATE,
            sha256=keys[masklet.pk % SHAPES][0],
            key=keys[masklet.pk % SHAPES][1],
            frame_count=FRAMES,
            edited_frames=[0],
            actor=person,
        )
        for masklet in masklets
    )
    steps = [("selected", "annotating"), ("annotating", "in_verification")]
    Transition.objects.bulk_create(
        Transition(
            subject_type="masklet", subject_id=masklet.pk, from_status=before, to_status=after, actor=person
        )
        for masklet in masklets
        for before, after in steps
    )
    for n, (masklet, revision) in enumerate(zip(masklets, revisions, strict=True)):
        masklet.revision = revision
        masklet.status = MaskletStatus.ACCEPTED if n < accepted else MaskletStatus.IN_VERIFICATION
        masklet.risk = random.random() * 0.6
        age = timedelta(seconds=random.random() * 200_000)
        masklet.review_rank = (now - age).timestamp() - RISK_HASTE * masklet.risk
    Masklet.objects.bulk_update(masklets, ["revision", "status", "risk", "review_rank"], batch_size=1000)


def opinions(project: int) -> None:
    """Where two thirds of what waits and of the known answers may be wrong, as if a pre-verifier had looked at them."""
    random.seed(17)
    waiting = Masklet.objects.filter(
        project=project, status=MaskletStatus.IN_VERIFICATION, revision__isnull=False
    )
    PreverifierScore.objects.bulk_create(
        (
            PreverifierScore(
                project_id=project,
                masklet_id=masklet,
                revision_id=revision,
                wrong=random.random(),
                places=_places(),
                signals=[],
                area=300.0,
                second_opinion=False,
            )
            for masklet, revision in waiting.values_list("pk", "revision")
            if random.random() < THOUGHT_OF
        ),
        batch_size=1000,
    )
    for item in GoldItem.objects.filter(masklet__project=project).order_by("pk"):
        if random.random() < THOUGHT_OF:
            looked.note(item.masklet_id, item.key, _places())


def _places() -> list[Place]:
    frames = random.sample(range(FRAMES), random.randint(0, 2))
    return [Place(idx, 0.5, "leaks", idx, idx) for idx in frames]


def page(project: int, owner: str, annotator: str, *, masklets: int) -> None:
    """Masklets on real footage with frames and proxies, for the page in a browser."""
    from tests import factories

    boss, person = (User.objects.get(username=name) for name in (owner, annotator))
    row = Project.objects.get(pk=project)
    for _ in range(masklets):
        video = factories.ready_video(row, boss, frames=24, width=320, height=180, proxy=True)
        masklet = factories.masklet(video, person)
        factories.revision(masklet, person)
        Masklet.objects.filter(pk=masklet.pk).update(status=MaskletStatus.IN_VERIFICATION)
