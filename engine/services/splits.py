"""Which side of a dataset a video is on: train, val or test. Footage that shows the same is on one side.

Videos belong together if they came from the same file, if their pictures look alike (a copy that was cut, scaled or
encoded again), or if an owner gave them the same group. All that belongs together, however many steps apart, is one
group, and has one side: the one that an owner has given to the oldest of them that was given any, or else the one that
a hash of the group says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import BigIntegerField, F, Q
from django.db.models.functions import Coalesce

from engine import access, draws
from engine.errors import InvalidInput, NotFound
from engine.models import AuditKind, Project, Role, Split, Video
from engine.services import audit

#: Shares of the footage that go to a side where nobody has said.
SHARES = {Split.TEST: 0.1, Split.VAL: 0.1}
KEPT_ASIDE = sum(SHARES.values())
#: Of the 64 bits of a picture's perceptual hash, those in which two of the same scene may differ.
BITS = 8
MOST_TAGS = 100  #: of a video
#: Share of the shorter video's pictures that the longer one must show too.
ALIKE = 0.5


def side_of(video: Video) -> str:
    """ "train", "val" or "test"."""
    return sides_of([video])[video.pk]


def sides_of(videos: Iterable[Video]) -> dict[int, str]:
    """The side of each, by id, in one query."""
    videos = list(videos)
    groups = {group_of(video) for video in videos}
    alone = Q(pk__in=groups, split_group__isnull=True)
    asked = Video.objects.filter(Q(split_group__in=groups) | alone).exclude(split="")
    group = Coalesce("split_group", "pk", output_field=BigIntegerField())
    given = dict(asked.order_by("-pk").values_list(group, "split"))  # the oldest comes last
    return {v.pk: given.get(group_of(v)) or _side_at(place_of(v)) for v in videos}


def group_of(video: Video) -> int:
    """A video that was not looked at yet stands alone."""
    return video.split_group or video.pk


def place_of(video: Video) -> float:
    """0..1, the same for a group for ever."""
    return draws.place_of(f"video {group_of(video)}")


def _side_at(place: float) -> str:
    edge = 0.0
    for side, share in SHARES.items():
        edge += share
        if place < edge:
            return side.value
    return Split.TRAIN.value


@transaction.atomic
def regroup(video: Video) -> list[Video]:
    """Put `video` with all that shows the same, and their groups together; return those that do.

    A group is called after its oldest video.
    """
    # One at a time in a project: two copies that come at once find each other.
    Project.objects.select_for_update(no_key=True).get(pk=video.project_id)
    video.refresh_from_db()
    alike = kin(video)
    groups = {group_of(other) for other in alike} | {group_of(video)}
    whole = Video.objects.filter(project=video.project_id, split_group__in=groups)
    Video.objects.filter(pk=video.pk).update(split_group=min(groups))
    whole.update(split_group=min(groups))
    video.split_group = min(groups)
    return alike


def kin(video: Video) -> list[Video]:
    """Other videos of the project that show the same as `video`, the oldest first."""
    others = Video.objects.filter(project=video.project_id).exclude(pk=video.pk)
    found = set()
    if video.source_sha256:
        found |= set(others.filter(source_sha256=video.source_sha256).values_list("pk", flat=True))
    if video.group_key:
        found |= set(others.filter(group_key=video.group_key).values_list("pk", flat=True))
    if video.picture_hashes:
        seen = others.exclude(pk__in=found).exclude(picture_hashes=[])
        for pk, hashes in seen.values_list("pk", "picture_hashes").iterator():
            if look_alike(video.picture_hashes, hashes):
                found.add(pk)
    return list(others.filter(pk__in=found).order_by("pk"))


def look_alike(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether the longer of two videos shows at least half of what the shorter shows, by perceptual hashes of their
    pictures (64 bits, as signed numbers)."""
    a, b = (np.asarray(hashes, np.int64).view(np.uint64) for hashes in (one, other))
    if not a.size or not b.size:
        return False
    if a.size > b.size:
        a, b = b, a
    near = np.bitwise_count(a[:, None] ^ b[None, :]) <= BITS
    return bool(near.any(axis=1).mean() >= ALIKE)


def twin_of(project: Project, fingerprint: str) -> Video | None:
    """A video whose file had the same fingerprint when it was announced; one in the bin where there is no other."""
    twins = Video.objects.filter(project=project, fingerprint=fingerprint, emptied_at__isnull=True)
    return twins.exclude(fingerprint="").order_by(F("removed_at").asc(nulls_first=True), "pk").first()


@transaction.atomic
def describe(
    *,
    actor: User,
    project: Project,
    videos: Collection[int],
    add_tags: Sequence[str] = (),
    remove_tags: Sequence[str] = (),
    **values: str,
) -> None:
    """Set `split`, `environment` or `group_key` of some videos ("" takes it back), and give them tags or take some.
    All of it is one entry in the ledger. Raises `NotFound` or `InvalidInput`."""
    access.require(actor, project.pk, Role.OWNER)
    batch = Video.objects.filter(project=project, pk__in=videos).select_for_update(no_key=True).order_by("pk")
    rows = list(batch)
    if len(rows) != len(set(videos)):
        raise NotFound
    told = {row.pk: {**values, "tags": _tags(row, add_tags, remove_tags)} for row in rows}
    changed = [row for row in rows if any(getattr(row, n) != value for n, value in told[row.pk].items())]
    if not changed:
        return
    before: dict[str, list[str]] = {name: sorted({getattr(row, name) for row in changed}) for name in values}
    after: dict[str, object] = dict(values)
    if add_tags or remove_tags:
        before["tags"] = sorted({tag for row in changed for tag in row.tags})
        after |= {"add_tags": list(add_tags), "remove_tags": list(remove_tags)}
    for row in changed:
        for name, value in told[row.pk].items():
            setattr(row, name, value)
    Video.objects.bulk_update(changed, ["tags", *values])
    if "group_key" in values:
        _part(project, changed)
    audit.record(
        AuditKind.VIDEOS_DESCRIBED,
        actor=actor,
        name=changed[0].name if len(changed) == 1 else f"{len(changed)} of its videos",
        project_id=project.pk,
        before=before,
        after=after | {"videos": [row.pk for row in changed]},
    )


def _tags(video: Video, add: Sequence[str], remove: Sequence[str]) -> list[str]:
    tags = [tag for tag in dict.fromkeys([*video.tags, *add]) if tag not in remove]
    if len(tags) > max(MOST_TAGS, len(video.tags)):
        raise InvalidInput(f"A video has at most {MOST_TAGS} tags. Take some of {video.name} back first.")
    return tags


def _part(project: Project, videos: Sequence[Video]) -> None:
    """Their groups are made anew: what was together by a key alone is so no more."""
    groups = {group_of(video) for video in videos}
    whole = list(Video.objects.filter(project=project, split_group__in=groups).order_by("pk"))
    for video in whole:
        Video.objects.filter(pk=video.pk).update(split_group=video.pk)
    for video in {v.pk: v for v in [*whole, *videos]}.values():
        regroup(video)
