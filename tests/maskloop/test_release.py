"""A dataset on disk, as a program sees it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.roundtrips import picture
from maskloop import load_release
from vos import rle
from vos.dataset import Category, DatasetInvalid, Header, Track, VideoItem
from vos.formats import FORMATS, FolderSink

HEIGHT, WIDTH = 10, 16


def mask(j: int) -> np.ndarray:
    made = np.zeros((HEIGHT, WIDTH), bool)
    made[2:6, j : j + 4] = True
    return made


def written(folder: Path, format: str = "hf", *, late: bool = True) -> Path:
    """Two videos of six annotated frames; nobody looked for the second object before frame 2."""
    first = Track(3, {j: rle.encode(mask(j)) for j in range(6)}, category=9)
    second = Track(4, {j: rle.encode(mask(6)) for j in range(2 if late else 0, 6)})
    video = VideoItem(
        "a", WIDTH, HEIGHT, 24.0, 21, annotate_every=4, tracks=(first, second),
        picture=lambda step: picture(HEIGHT, WIDTH, step),
    )  # fmt: skip
    sink, known = FolderSink(folder), FORMATS[format]
    parts = [known.write(video, sink), known.write(replace(video, name="b", tracks=(first,)), sink)]
    known.finish(Header("two", (Category(9, "dog"),)), parts, sink)
    return folder


def test_frames_and_masks_are_read_when_they_are_asked_for(tmp_path: Path) -> None:
    release = load_release(written(tmp_path))
    assert (release.format.name, release.name, len(release)) == ("hf", "two", 2)
    a, b = release
    assert (a.name, len(a), a.object_ids, b.object_ids) == ("a", 6, [3, 4], [3])
    assert a.frame(2).shape == (HEIGHT, WIDTH, 3)
    assert abs(int(a.frame(2)[0, 0, 0]) - 8) < 4, "annotated frame 2 is frame 8 of the video"
    np.testing.assert_array_equal(a.masks(1), np.stack([mask(1), np.zeros((HEIGHT, WIDTH), bool)]))
    assert a.annotated(1).tolist() == [True, False]
    assert a.annotated(2).tolist() == [True, True]
    label = release.category(3, a)
    assert label is not None
    assert label.name == "dog"
    assert release.category(4, a) is None


def test_a_film_alone_has_no_pictures_and_says_what_to_do(tmp_path: Path) -> None:
    written(tmp_path, "sav")
    for path in [*(tmp_path / "a").iterdir(), *(tmp_path / "b").iterdir()]:
        path.unlink()
    for name in ("a", "b"):
        (tmp_path / name).rmdir()
        (tmp_path / f"{name}.mp4").write_bytes(b"film")
    (video, _) = load_release(tmp_path)
    assert video.masks(0).shape == (2, HEIGHT, WIDTH)
    with pytest.raises(DatasetInvalid, match="annotated frame 2 is frame 8 of it"):
        video.frame(2)


def test_torch_trains_on_clips(tmp_path: Path) -> None:
    from torch.utils.data import DataLoader

    clips = load_release(written(tmp_path)).torch(frames=3)
    assert [(clip["video"], clip["frame_idx"]) for clip in clips] == [("a", 0), ("a", 3), ("b", 0), ("b", 3)]
    (first, *_) = DataLoader(clips, batch_size=None, num_workers=0)
    assert tuple(first["frames"].shape) == (3, 3, HEIGHT, WIDTH)
    assert tuple(first["masks"].shape) == (3, 2, HEIGHT, WIDTH)
    assert first["annotated"].tolist() == [[True, False], [True, False], [True, True]]
    np.testing.assert_array_equal(first["masks"][1, 0].numpy(), mask(1))
    assert first["object_ids"].tolist() == [3, 4]


def test_a_format_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetInvalid, match="There is no format vhs"):
        load_release(written(tmp_path), "vhs")
    with pytest.raises(DatasetInvalid, match="There is no folder"):
        load_release(tmp_path / "nowhere")
