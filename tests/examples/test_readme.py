"""What the README tells people to type works as it stands there, against a running demo."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.maskloop.test_client import film
from tests.site import Site
from vos import rle

ROOT = Path(__file__).resolve().parents[2]
INSTALL = "pip install ./maskloop"  # needs a registry; tests.maskloop.test_command_line builds the package
ADDRESS = "http://127.0.0.1:8000"
PASSWORD = "follow-the-object\n"


@pytest.fixture(scope="module")
def blocks() -> dict[str, str]:
    """The code of "Drive it from a program", by language."""
    section = (
        (ROOT / "README.md").read_text().partition("## Drive it from a program")[2].partition("\n## ")[0]
    )
    found = dict(re.findall(r"```(\w+)\n(.*?)```", section, re.DOTALL))
    assert set(found) == {"bash", "python"}
    return found


@pytest.fixture
def accepted(site: Site) -> str:
    """One accepted masklet in the demo; the name of its video."""
    olga, remy = site.sign_in("olga"), site.sign_in("remy")
    video = olga.ready_video()
    mask = np.zeros((video["height"], video["width"]), bool)
    mask[10:60, 20:90] = True
    masks = [{"frame_idx": j, **rle.encode(mask)} for j in range(video["frame_count"])]
    told = {"model": "tests", "verify": True, "tracks": [{"label": "", "masks": masks}]}
    (made,) = olga.insist(f"/api/videos/{video['id']}/predictions/", told)
    review = remy.post(f"/api/masklets/{made['id']}/review/")
    remy.insist(
        f"/api/reviews/{review['id']}/verdict/", {"verdict": "satisfactory"}, Lease_Token=review["token"]
    )
    assert olga.get(f"/api/masklets/{made['id']}/")["status"] == "accepted"
    return str(video["name"])


def test_the_clients_commands_do_what_the_readme_says(
    site: Site, accepted: str, blocks: dict[str, str], tmp_path: Path
) -> None:
    script = blocks["bash"]
    assert INSTALL in script
    assert ADDRESS in script
    lines = [line for line in script.splitlines() if not line.startswith(INSTALL)]
    (tmp_path / "clips").mkdir()
    film(tmp_path / "clips" / "from the readme.mp4")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    environment = os.environ | {
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
        "MASKLOOP_CONFIG": str(tmp_path / "config.json"),
    }
    typed = ["set -euo pipefail", *lines, "echo release $release"]
    done = subprocess.run(
        ["bash", "-c", "\n".join(typed).replace(ADDRESS, site.origin)],
        cwd=tmp_path,
        env=environment,
        input=PASSWORD,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "from the readme.mp4: 5 frames to annotate" in done.stdout
    assert re.search(r"DAVIS 2017: \d+ videos, \d+ masklets, \d+ masks; no problems", done.stdout)
    assert re.search(r"^release \d+$", done.stdout, re.MULTILINE)

    told = subprocess.run(
        [sys.executable, "-c", blocks["python"]],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    frames = sorted((tmp_path / "dataset" / "JPEGImages").rglob("*.jpg"))
    assert len(told.stdout.splitlines()) == len(frames) > 0
    width, height = Image.open(frames[0]).size
    assert f"({height}, {width}, 3) (" in told.stdout
