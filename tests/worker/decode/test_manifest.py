import json

import pytest

from worker.decode import Manifest, ManifestFrame, Warned


def test_a_manifest_reads_back_as_it_was_written(tmp_path):
    manifest = Manifest(
        width=640,
        height=360,
        fps=24.0,
        annotate_every=4,
        timeline_frame_count=5,
        frame_count=2,
        duration=5 / 24,
        frames=(ManifestFrame(0, 0, 3600.0, "a" * 64), ManifestFrame(1, 4, 3600.166667, "b" * 64)),
        source_sha256="c" * 64,
        decoder="PyAV",
        warnings=(Warned("truncated", "The file is cut off."),),
    )
    path = tmp_path / "manifest.jsonl"
    manifest.write(path)
    assert Manifest.read(path) == manifest
    header, *rows = map(json.loads, path.read_text().splitlines())
    assert header["frame_count"] == len(rows) == 2
    assert rows[1] == {"frame_idx": 1, "timeline_idx": 4, "pts": 3600.166667, "sha256": "b" * 64}


@pytest.mark.parametrize("text", ["", '{"format":"something else"}\n', "not json\n"])
def test_anything_else_is_no_manifest(tmp_path, text):
    path = tmp_path / "manifest.jsonl"
    path.write_text(text)
    with pytest.raises(ValueError):
        Manifest.read(path)
