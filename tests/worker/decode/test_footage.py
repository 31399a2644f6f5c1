"""Real camera footage, where a folder of it is named by MASKLOOP_FOOTAGE."""

import os
from pathlib import Path

import av
import pytest

from tests.worker.decode.clips import jpeg, proxy_frames, psnr
from worker.decode import ingest

FOLDER = os.environ.get("MASKLOOP_FOOTAGE")

pytestmark = pytest.mark.skipif(
    FOLDER is None, reason="MASKLOOP_FOOTAGE names no folder with 01_dog.mp4 and 03_blocks.mp4"
)


@pytest.mark.parametrize(
    ("name", "timeline", "annotated"), [("01_dog.mp4", 231, 58), ("03_blocks.mp4", 234, 59)]
)
def test_real_footage_lands_on_the_timeline(name, timeline, annotated, tmp_path):
    source = Path(FOLDER or "", name)
    manifest = ingest(source, tmp_path / "video")
    assert (manifest.width, manifest.height) == (1280, 720)
    assert (manifest.timeline_frame_count, manifest.frame_count) == (timeline, annotated)
    assert manifest.warnings == ()

    last = manifest.frames[9]
    with av.open(str(source)) as container:
        moments = {}
        for frame in container.decode(video=0):
            moments[frame.time] = frame
            if frame.time > last.pts + 0.1:
                break
    nearest = min(moments, key=lambda time: (abs(time - last.timeline_idx / 24), time))
    assert nearest == pytest.approx(last.pts, abs=1e-5)
    picture = jpeg(tmp_path / "video" / "frames" / "00009.jpg")
    original = moments[nearest].to_ndarray(format="rgb24", src_colorspace="ITU709")
    assert psnr(picture, original) > 35
    proxy = proxy_frames(tmp_path / "video" / "proxy.mp4")
    assert len(proxy) == timeline
    assert psnr(picture, proxy[last.timeline_idx]) > 30
