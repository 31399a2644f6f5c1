"""A release as footage to train on: laid out on the worker's disk as SA-V has it, without what is held out.

Where the project has an evaluation set, the train side of the rest is trained on and the set judges. Where too little
is verified for one, the val and test sides of the project (engine.services.splits) are kept aside, so that a video
which one retraining kept aside is kept aside by the next one too, with every copy of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import InvalidInput
from engine.models import EvaluationItem, EvaluationSet, Project, Release, ReleaseItem, Run, Split, Video
from engine.services import evaluation_sets, mining, retraining, revisions, splits, store
from vos import rle
from vos.dataset import Track, VideoItem
from vos.formats import FolderSink, sav
from worker.datasets.jobs import items_by_video, video_id
from worker.inference.frames import stored_frame
from worker.runs import Work
from worker.sam2.training.folders import SavFolder

BYTES_PER_PIXEL = 0.3  #: of a JPEG frame, generously
EVERY = sav.EVERY  #: annotated frame j is written as video frame 4j, whatever the project annotates
NO_JUDGE = (
    "Too little of this release could be kept aside to judge by: the figures are of rendered footage alone."
)
FEWEST = 9  #: annotated frames of a lone video that is parted
HELD_OUT_NOTE = "Judged on {held}, which no training of this project sees."

Table = list[list[rle.Rle | None]]  #: RLEs by annotated frame and masklet, None where not annotated


@dataclass(frozen=True)
class HeldOut:
    """An evaluation set on this machine. `names` says whose masks a video's column holds."""

    set: EvaluationSet
    footage: SavFolder
    names: dict[tuple[str, int], dict[str, Any]]


@dataclass(frozen=True)
class TrainingSet:
    """What a retraining sees, what it is judged by (`aside` or `held`, if anything), and in words (`note`).

    `train` is what the release has beyond the base's own release, `earlier` what that one had already.
    """

    train: SavFolder | None
    aside: SavFolder | None
    note: str
    trained_on: list[int]  #: ids of videos
    kept_aside: list[int]  #: ids of videos
    earlier: SavFolder | None = None
    held: HeldOut | None = None


def space_for(release: Release) -> int:
    """Bytes on the worker's disk."""
    held = evaluation_sets.current(release.project_id)
    return _space(video for video, _ in items_by_video(release)) + (space_for_held_out(held) if held else 0)


def _space(videos: Iterable[Video]) -> int:
    pixels = sum((v.frame_count or 0) * (v.width or 0) * (v.height or 0) for v in videos)
    return int(BYTES_PER_PIXEL * pixels) + 2**30


def lay_out(work: Work, release: Release, folder: Path) -> TrainingSet:
    """Bring frames and pinned masks of `release` to this machine, and the project's evaluation set, if it has one.
    What is trained on is recorded before anything is. Raises `Cancelled`."""
    held = evaluation_sets.current(release.project_id)
    if held is None:
        return _lay_out_with_some_aside(work, release, folder)
    pinned = dict(items_by_video(release))
    open_ones = _to_train_on(release.project_id, list(pinned))
    rows = {video: _rows(video, items) for video, items in pinned.items() if video in open_ones}
    shown = {video: table for video, table in rows.items() if _shows(table)}
    if not shown:
        raise InvalidInput(
            "No masklet of this release is visible and not held out, so there is nothing to learn."
        )
    evaluation_sets.record_training(work.run, shown)
    known = retraining.known_before(work.run)
    for video, table in shown.items():
        work.stop_if_cancelled()
        is_new = any(item.masklet_id not in known for item in pinned[video])
        _write(work, video, table, range(len(table)), folder / ("train" if is_new else "earlier"))
    judge = lay_out_held(work, held, folder / "held")
    weights = _weights(release.project, {video: pinned[video] for video in shown})
    parts = {
        name: SavFolder(folder / name, weights=weights)
        for name in ("train", "earlier")
        if (folder / name).is_dir()
    }
    return TrainingSet(
        parts.get("train"),
        None,
        HELD_OUT_NOTE.format(held=held),
        [video.pk for video in shown],
        [video.pk for video in pinned if video not in open_ones],
        earlier=parts.get("earlier"),
        held=judge,
    )


def _to_train_on(project_id: int, videos: list[Video]) -> set[Video]:
    """Those that show nothing of what is or was held out, of the train side unless none is."""
    unseen = evaluation_sets.held_out(project_id)
    held = Video.objects.filter(masklets__evaluation_items__evaluation_set__project_id=project_id)
    groups = {splits.group_of(video) for video in held}
    free = [v for v in videos if v.source_sha256 not in unseen and splits.group_of(v) not in groups]
    sides = splits.sides_of(free)
    return {v for v in free if sides[v.pk] == Split.TRAIN} or set(free)


def lay_out_held(work: Work, held: EvaluationSet, folder: Path) -> HeldOut:
    """Bring an evaluation set to this machine. Raises `Cancelled`."""
    names: dict[tuple[str, int], dict[str, Any]] = {}
    for video, items in _held_by_video(held).items():
        work.stop_if_cancelled()
        _write(work, video, table := _rows(video, items), range(len(table)), folder)
        for number, item in enumerate(items):
            names[video_id(video), number] = {
                "source": item.source_sha256,
                "masklet": item.masklet_id,
                "video": video.pk,
                "label": item.masklet.label,
            }
    return HeldOut(held, SavFolder(folder), names)


def _held_by_video(held: EvaluationSet) -> dict[Video, list[EvaluationItem]]:
    items = EvaluationItem.objects.filter(evaluation_set=held).select_related("masklet__video", "revision")
    found: dict[Video, list[EvaluationItem]] = {}
    for item in items.order_by("masklet__video_id", "masklet__object_id"):
        found.setdefault(item.masklet.video, []).append(item)
    return found


def space_for_held_out(held: EvaluationSet) -> int:
    """Bytes on the worker's disk."""
    return _space(_held_by_video(held))


def _weights(project: Project, pinned: Mapping[Video, list[ReleaseItem]]) -> dict[str, float]:
    """How much rather a video is drawn: as much as the weakest of its masklets, by what failure mining found, and more
    the more of its frames people had to edit."""
    mined = mining.weights(project, only=[item.masklet_id for items in pinned.values() for item in items])
    found = {}
    for video, items in pinned.items():
        frames = sum(item.revision.frame_count for item in items) or 1
        edited = sum(len(item.revision.edited_frames) for item in items) / frames
        found[video_id(video)] = max(mined.get(item.masklet_id, 1.0) for item in items) + min(edited, 1.0)
    return found


def _lay_out_with_some_aside(work: Work, release: Release, folder: Path) -> TrainingSet:
    """Where the project has no evaluation set."""
    pinned = dict(items_by_video(release))
    rows = {video: _rows(video, items) for video, items in pinned.items()}
    shown = {video: table for video, table in rows.items() if _shows(table)}
    if not shown:
        raise InvalidInput(
            "No masklet of this release is visible on any frame, so there is nothing to learn."
        )
    trained_on, kept_aside = split(list(shown))
    evaluation_sets.record_training(work.run, [video for video in shown if video.pk in trained_on])
    train, aside = folder / "train", folder / "aside"
    for video, table in shown.items():
        work.stop_if_cancelled()
        if len(shown) > 1:
            _write(work, video, table, range(len(table)), aside if video.pk in kept_aside else train)
        else:
            for place, steps in zip((train, aside), _parts(table), strict=False):
                _write(work, video, table, steps, place)
    judge = SavFolder(aside) if aside.is_dir() else None
    if judge is not None and not judge.stretches():
        judge = None
    judging = [video for video in shown if video.pk in kept_aside or len(shown) == 1]
    note = NO_JUDGE
    if judge is not None:
        items = [item for video in judging for item in pinned[video]]
        note = f"{_note(work.run, judging, count=len(shown))} {_edited(items)}"
    return TrainingSet(SavFolder(train), judge, note, trained_on, kept_aside)


def _rows(video: Video, items: Sequence[ReleaseItem | EvaluationItem]) -> Table:
    """A frame that nobody ever propagated to is not annotated (in an export it counts as absent)."""
    stored = [revisions.load(item.revision, video=video) for item in items]
    return [
        [_rle(each["size"], each["frames"].get(str(idx))) for each in stored]
        for idx in range(video.frame_count or 0)
    ]


def _rle(size: list[int], frame: Any) -> rle.Rle | None:
    return {"size": size, "counts": frame["counts"]} if frame else None


def _shows(table: Table) -> bool:
    return any(mask is not None and rle.area(mask) for row in table for mask in row)


def _parts(table: Table) -> list[range]:
    """The frames of a lone video: those to train on and, if both show something, the last third to judge by."""
    cut = 2 * len(table) // 3
    if len(table) >= FEWEST and _shows(table[:cut]) and _shows(table[cut:]):
        return [range(cut), range(cut, len(table))]
    return [range(len(table))]


def _write(work: Work, video: Video, table: Table, steps: range, folder: Path) -> None:
    """A part of a video, as SA-V has it."""
    name = video_id(video)
    pictures = folder / name
    pictures.mkdir(parents=True)
    rows = [table[step] for step in steps]
    tracks = [
        Track(number + 1, {j: mask for j, row in enumerate(rows) if (mask := row[number]) is not None})
        for number in range(len(rows[0]))
    ]
    item = VideoItem(
        name=name,
        width=video.width or 0,
        height=video.height or 0,
        fps=video.fps,
        frame_count=EVERY * len(rows),
        annotate_every=EVERY,
        tracks=tuple(tracks),
    )
    sav.FORMAT.write(item, FolderSink(folder))

    hashes = store.frame_hashes(video)

    def fetch(step: int) -> None:
        path = pictures / f"{EVERY * (step - steps.start):05d}.jpg"
        path.write_bytes(stored_frame(video, step, hashes))
        work.alive()

    with ThreadPoolExecutor(4, thread_name_prefix="footage") as fetchers:
        list(fetchers.map(fetch, [step for step in steps if any(table[step])]))


def _note(run: Run, judging: list[Video], *, count: int) -> str:
    if count == 1:
        return (
            "This release has a single video, so its last third was kept aside: the figures tell how the "
            "checkpoint does there, not on other videos."
        )
    names = ", ".join(video.name for video in judging[:3]) + (" and others" if len(judging) > 3 else "")
    note = f"Kept aside and not trained on: {len(judging)} of {count} videos ({names})."
    bases = (row.evaluation for row in retraining.ancestors(run))
    seen = {pk for evaluation in bases if evaluation for pk in evaluation.trained_on}
    if known := [video.name for video in judging if video.pk in seen]:
        note += f" The base was once trained on {known[0]}, which flatters it."
    return note


def _edited(items: list[ReleaseItem]) -> str:
    """Masks that nobody touched are what some checkpoint said, and that one is then always right."""
    edited = sum(len(item.revision.edited_frames) for item in items)
    frames = sum(item.revision.frame_count for item in items)
    return (
        f"People edited {edited} of the {frames} masks there; the others are as the checkpoint of that time "
        "made them, which flatters it."
    )


def split(videos: Sequence[Video]) -> tuple[list[int], list[int]]:
    """Ids of (trained on, kept aside): the val and test sides of the project are kept aside, of two or more groups of
    footage at least one and never all. What shows the same is never on both sides."""
    sides = splits.sides_of(videos)
    groups: dict[int, list[int]] = {}
    aside = set()
    for video in sorted(videos, key=splits.place_of):
        groups.setdefault(splits.group_of(video), []).append(video.pk)
        if sides[video.pk] != Split.TRAIN:
            aside.add(splits.group_of(video))
    ordered = list(groups)
    chosen = [group for group in ordered if group in aside] or ordered[:1]
    chosen = chosen[: len(ordered) - 1]
    kept = [pk for group in chosen for pk in groups[group]]
    return sorted({video.pk for video in videos} - set(kept)), sorted(kept)
