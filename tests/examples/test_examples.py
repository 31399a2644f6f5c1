"""The examples do what they say."""

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from engine.services import tokens
from tests import factories
from tests.maskloop.test_client import film
from tests.maskloop.test_release import written
from worker.render import render_clip

if TYPE_CHECKING:
    from tests.app import App

ROOT = Path(__file__).resolve().parents[2]


def run(name: str, *words: object, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, f"examples/{name}.py", *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_export_is_read_and_drawn(tmp_path: Path) -> None:
    said = run("read_an_export", written(tmp_path / "data"), tmp_path / "drawn")
    assert "two: Hugging Face datasets (Parquet), 2 videos" in said
    assert "object 3 (dog): on 6 of 6 frames" in said
    assert "object 4 (no label): on 4 of 4 frames" in said
    drawn = np.asarray(Image.open(tmp_path / "drawn" / "a.jpg")).astype(int)
    assert drawn[4, 2, 0] > drawn[9, 12, 0] + 40, "the object is tinted"


def test_a_folder_of_frames_is_tracked(tmp_path: Path) -> None:
    clip = render_clip(3, width=128, height=96, frames=4, objects=1, vanishing=0.0)
    (tmp_path / "in").mkdir()
    for j, frame in enumerate(clip.frames):
        Image.fromarray(frame).save(tmp_path / "in" / f"{j:05d}.png")
    ys, xs = np.nonzero(clip.masks[0, 0])
    middle = len(xs) // 2
    said = run("track_a_folder", tmp_path / "in", xs[middle], ys[middle], tmp_path / "out")
    masks = [np.asarray(Image.open(tmp_path / "out" / f"{j:05d}.png")) > 0 for j in range(4)]
    assert len(said.splitlines()) == 4
    assert masks[0].shape == clip.frames[0].shape[:2]
    assert masks[0][ys[middle], xs[middle]], "what was clicked is in the mask"


def test_the_api_is_driven(app: "App", transactional_db: None, tmp_path: Path) -> None:
    app.start("web", "export", "ingest", "janitor")
    team = factories.team()
    secret = tokens.create(actor=team.owner, project=team.project, name="t", role="owner", days=1)[1]
    signed_in = {
        "MASKLOOP_URL": app.web_origin,
        "MASKLOOP_TOKEN": secret,
        "MASKLOOP_CONFIG": str(tmp_path / "c"),
    }
    said = run("drive_the_api", film(tmp_path / "clip.mp4"), tmp_path / "out", **signed_in)
    assert "clip.mp4: 96 × 64, 5 frames to annotate" in said
    assert "Nothing is accepted yet" in said
    factories.accepted_masklet(factories.ready_video(team.project, team.owner, frames=5, proxy=True), team)
    said = run("drive_the_api", film(tmp_path / "clip.mp4"), tmp_path / "out", **signed_in)
    assert "1 videos, 5 masks, 0 problems" in said
