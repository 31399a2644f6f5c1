"""An mp4 becomes the frames that training reads."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from worker.decode import Refusal
from worker.decode.lay_out import lay_out
from worker.render import write_mp4


def film(path: Path, frames: int) -> Path:
    pictures = np.stack([np.full((48, 64, 3), 8 * number, np.uint8) for number in range(frames)])
    write_mp4(path, pictures, 24)
    return path


def test_every_fourth_frame_lies_in_a_folder_named_by_its_number(tmp_path: Path) -> None:
    folder = lay_out(film(tmp_path / "sav_1.mp4", 18))
    assert folder == tmp_path / "sav_1"
    assert sorted(path.name for path in folder.iterdir()) == [f"{n:05d}.jpg" for n in (0, 4, 8, 12, 16)]
    for path in folder.iterdir():
        shade = float(np.median(np.asarray(Image.open(path))))
        assert abs(shade - 8 * int(path.stem)) < 4, "and it is that frame of the video"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sav_1", "sav_1.mp4"], "nothing else is left"


def test_a_file_that_is_no_video_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("no video")
    with pytest.raises(Refusal):
        lay_out(tmp_path / "a.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
