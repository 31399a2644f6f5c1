from pathlib import Path

import av
import numpy as np
import pytest

from worker.render import render_clip, write_mp4


def test_a_written_clip_plays_with_its_size_length_and_rate(tmp_path: Path) -> None:
    clip = render_clip(3, width=96, height=54, frames=12)

    write_mp4(tmp_path / "clip.mp4", clip.frames, fps=24)

    with av.open(str(tmp_path / "clip.mp4")) as container:
        stream = container.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
        assert (stream.width, stream.height) == (96, 54)
        assert stream.average_rate == 24
        assert stream.codec_context.pix_fmt == "yuv420p"
    assert len(frames) == 12
    assert np.abs(frames[5].astype(int) - clip.frames[5]).mean() < 12


def test_an_odd_size_is_refused_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="even size"):
        write_mp4(tmp_path / "odd.mp4", np.zeros((2, 55, 96, 3), np.uint8))
