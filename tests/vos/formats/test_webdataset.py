"""Pictures of a tar: each from its place, in whatever order they are asked for."""

import io
import zipfile
from pathlib import Path
from typing import IO

import pytest

from benchmarks.roundtrips import Memory
from vos.dataset import DatasetInvalid, Header, VideoItem
from vos.formats import FORMATS, Archive
from vos.formats.files import Files

WEBDATASET = FORMATS["webdataset"]
ORDER = [0, 4, 8, 12, 16, 8, 0, 16]


class Watched:
    """Files that count how often one is opened, and how many bytes are asked of it."""

    def __init__(self, files: Files) -> None:
        self.where, self._files = files.where, files
        self.sizes, self.chunks = files.sizes, files.chunks
        self.opened, self.read = 0, 0

    def open(self, name: str) -> IO[bytes]:
        self.opened += 1
        content = self._files.open(name)
        reading = content.read

        def read(size: int = -1) -> bytes:
            body = reading(size)
            self.read += len(body)
            return body

        content.read = read  # type: ignore[method-assign]
        return content


class Written(Memory):
    """A file that is opened can be watched."""

    def open(self, name: str) -> IO[bytes]:
        return _Content(self.files[name])


class _Content(io.BytesIO):
    """Takes attributes, which BytesIO does not."""


@pytest.fixture
def written(header: Header, video: VideoItem) -> Written:
    memory = Written()
    WEBDATASET.finish(header, [WEBDATASET.write(video, memory)], memory)
    return memory


def test_a_picture_is_read_from_its_place_alone(written: Written, video: VideoItem) -> None:
    watched = Watched(written)
    (back,) = WEBDATASET.open(watched).videos
    assert back.picture is not None
    assert video.picture is not None
    before = watched.read
    for step in ORDER:
        assert back.picture(step) == video.picture(step)
    assert watched.read - before == sum(len(video.picture(step)) for step in ORDER)
    with pytest.raises(DatasetInvalid, match="no picture of frame 3"):
        back.picture(3)


def test_a_tar_in_a_zip_is_unpacked_once(written: Written, video: VideoItem, tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in written.files.items():
            archive.writestr(name, body)
    with Archive(path) as files:
        watched = Watched(files)
        (back,) = WEBDATASET.open(watched).videos
        assert back.picture is not None
        assert video.picture is not None
        before = watched.opened
        for step in ORDER:
            assert back.picture(step) == video.picture(step)
        assert watched.opened - before == 1
