"""`python -m maskloop`, as it is typed."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.roundtrips import picture
from engine.models import Project, Release, Video
from maskloop import Client
from tests import factories
from vos import rle
from vos.dataset import Header, Track, VideoItem
from vos.formats import FORMATS, FolderSink

if TYPE_CHECKING:
    from tests.app import App

ROOT = Path(__file__).resolve().parents[2]


def typed(*words: object, said: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "maskloop", *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1", **environment},
        input=said,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    masks = {j: rle.encode(factories.disc_mask(j, width=40, height=40)) for j in range(3)}
    video = VideoItem(
        "a",
        40,
        40,
        24.0,
        9,
        annotate_every=4,
        tracks=(Track(1, masks),),
        picture=lambda _: picture(40, 40, 0),
    )
    sink = FolderSink(tmp_path / "data")
    FORMATS["davis"].finish(Header(), [FORMATS["davis"].write(video, sink)], sink)
    return tmp_path / "data"


def test_a_dataset_is_checked_without_a_server(dataset: Path) -> None:
    good = typed("validate", dataset)
    assert (good.returncode, good.stdout) == (
        0,
        "DAVIS 2017: 1 videos, 1 masklets, 3 masks; no problems\n",
    )
    (dataset / "Annotations/480p/a/00001.png").write_bytes(b"?")
    bad = typed("validate", dataset)
    assert bad.returncode == 1
    assert "Annotations/480p/a/00001.png is no JPEG or PNG that can be read." in bad.stderr
    assert bad.stdout.endswith("1 problems\n")
    (dataset / "x").mkdir()
    none = typed("validate", dataset / "x")
    assert (none.returncode, "looks like none of the formats" in none.stderr) == (1, True)
    assert "Traceback" not in bad.stderr + none.stderr


def test_from_signing_in_to_a_folder_of_files(
    client: Client, app: "App", team: factories.Team, video: Video, config: Path, tmp_path: Path
) -> None:
    name = Project.objects.get(pk=team.project.pk).name
    signed = typed(
        "login", app.web_origin, "--username", team.owner.username, "-p", name, said=f"{factories.PASSWORD}\n"
    )
    assert signed.returncode == 0, signed.stderr
    assert f"for the project {name}" in signed.stdout
    assert factories.PASSWORD not in config.read_text()
    assert name in typed("projects").stdout
    assert video.name in typed("videos").stdout
    frozen = typed("freeze", "from a script")
    assert frozen.returncode == 0, frozen.stderr
    release = Release.objects.get(name="from a script")
    assert frozen.stdout.strip() == str(release.pk)
    assert typed("export", release.pk, "-f", "mose").returncode == 0
    assert "mose" in typed("releases").stdout
    fetched = typed("download", release.pk, tmp_path / "out", "-f", "mose")
    assert fetched.returncode == 0, fetched.stderr
    checked = typed("validate", tmp_path / "out")
    assert "MOSE: 1 videos, 1 masklets, 5 masks; no problems" in checked.stdout
    assert "export" in typed("runs").stdout
    assert typed("logout", app.web_origin).returncode == 0
    out = typed("projects")
    assert (out.returncode, "login" in out.stderr) == (1, True)


def test_a_server_that_is_not_there_is_told() -> None:
    answer = typed("projects", MASKLOOP_URL="http://127.0.0.1:1", MASKLOOP_TOKEN="mlp_x")
    assert answer.returncode == 1
    assert "The server does not answer" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_the_client_needs_neither_django_nor_torch() -> None:
    """Imported as it is installed: what it loads is what its own pyproject.toml asks for."""
    code = "import sys, maskloop, maskloop.__main__; print(*sorted({n.split('.')[0] for n in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    loaded = set(done.stdout.split())
    assert not loaded & {
        "django",
        "torch",
        "celery",
        "boto3",
        "engine",
        "worker",
        "av",
        "transformers",
        "pyarrow",
    }
    assert {"httpx", "vos", "typer"} <= loaded


def test_the_package_builds_with_all_its_modules(tmp_path: Path) -> None:
    for name in ("maskloop", "vos"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "build"))
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        "wheels",
        "./maskloop",
    ]
    subprocess.run(build, cwd=tmp_path, check=True, timeout=120, capture_output=True)
    (wheel,) = (tmp_path / "wheels").iterdir()
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if name.endswith(".py")}
    wanted = {str(p.relative_to(ROOT)) for room in ("maskloop", "vos") for p in (ROOT / room).rglob("*.py")}
    assert inside == {name for name in wanted if "/build/" not in name}
