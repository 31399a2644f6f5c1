"""`make demo` as its user meets it: the sentences it refuses with, and one whole life of it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from deploy.local import leftovers, ports
from deploy.local.home import Home
from tests.stack import throw_away_folder

SERVERS = ("DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL", "S3_ENDPOINT_URL", "S3_PUBLIC_ENDPOINT_URL")


@pytest.fixture
def home() -> Iterator[Home]:
    with throw_away_folder() as folder:
        yield Home(folder)


def command(home: Home, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    inherited = {key: value for key, value in os.environ.items() if key not in SERVERS}
    return subprocess.Popen(
        [sys.executable, "-m", "deploy.local", *arguments],
        env={**inherited, "MASKLOOP_HOME": str(home.root), "PYTHONUNBUFFERED": "1", **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def refusal(home: Home, *arguments: str, **variables: str) -> str:
    """The one sentence on stderr of a command that gives up."""
    with command(home, *arguments, **variables) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert len(said.strip().splitlines()) == 1, said
    return said


def test_a_busy_port_is_refused(home: Home) -> None:
    with socket.socket() as server:
        server.bind((ports.LOOPBACK, 0))
        server.listen()
        port = server.getsockname()[1]
        assert f"Port {port} is taken" in refusal(home, "demo", WEB_PORT=str(port))


def test_a_port_that_is_no_number_is_refused(home: Home) -> None:
    assert "STREAMS_PORT=x is no port" in refusal(home, "demo", STREAMS_PORT="x")


def test_a_video_that_is_not_there_is_refused_before_anything_starts(home: Home) -> None:
    assert "no-such.mp4 is no file" in refusal(home, "demo", "--video", "no-such.mp4")
    assert not (home.root / "postgres").exists()


def test_a_second_demo_on_the_same_data_is_refused(home: Home) -> None:
    home.prepare()
    with home.lock():
        assert f"already runs on {home.root}" in refusal(home, "demo")
        assert f"already runs on {home.root}" in refusal(home, "reset", "--yes")


def test_data_is_not_removed_unasked(home: Home) -> None:
    home.prepare()
    assert "Say so with YES=1" in refusal(home, "reset")


def test_reset_removes_its_own_data_and_leaves_other_files(home: Home) -> None:
    home.prepare()
    home.secrets()
    (home.root / "holiday.txt").write_text("mine")
    with command(home, "reset", YES="1") as process:
        assert process.wait(timeout=60) == 0
    left = {path.name for path in home.root.iterdir()} - {"alive"}
    assert left == {"holiday.txt"}


class Demo:
    """A running demo: `with Demo(home) as demo`."""

    def __init__(self, home: Home):
        web, streams = ports.pick(2)
        self.origin = f"http://{ports.LOOPBACK}:{web}"
        self._process = command(home, "demo", WEB_PORT=str(web), STREAMS_PORT=str(streams))
        self.said: list[str] = []

    def __enter__(self) -> "Demo":
        assert self._process.stdout
        for line in self._process.stdout:
            self.said.append(line)
            if line.startswith("Ctrl-C stops"):
                return self
        assert self._process.stderr
        pytest.fail("".join(self.said) + self._process.stderr.read())

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        with self._process:
            self._process.communicate(timeout=60)
        assert self._process.returncode == 0

    def videos(self) -> list[str]:
        """Names of the videos, as the owner whose log-in was printed sees them."""
        name, _, rest = next(line for line in self.said if "owner)" in line).partition(" / ")
        with httpx.Client(base_url=self.origin, timeout=30) as client:
            client.get("/api/session/")
            token = {"X-CSRFToken": client.cookies["csrftoken"]}
            account = {"username": name, "password": rest.split()[0]}
            client.post("/api/session/", json=account, headers=token).raise_for_status()
            project = client.get("/api/projects/").raise_for_status().json()["results"][0]
            page = client.get("/api/videos/", params={"project": project["id"]}).json()
            return sorted(video["name"] for video in page["results"])


def processes_of(home: Home) -> list[psutil.Process]:
    """By their mark, or by the home in their command line (PostgreSQL's and Valkey's)."""
    mark, found = home.read("processes.json")["mark"], []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            marked = process.environ().get(leftovers.MARK) == mark
            if marked or str(home.root) in " ".join(process.cmdline()):
                found.append(process)
    return found


def test_the_demo_starts_from_nothing_stops_wholly_and_finds_its_data_again(home: Home) -> None:
    with Demo(home) as demo:
        assert any(demo.origin in line for line in demo.said)
        assert any("MASKLOOP_CHECKPOINT=facebook/sam2.1-hiera-tiny make demo" in line for line in demo.said)
        videos = demo.videos()
        assert len(videos) == 2
        assert processes_of(home)
    assert processes_of(home) == []
    with Demo(home) as demo:
        assert demo.videos() == videos
    assert not list(Path("/tmp").glob(f"seaweedfs-s3-{home.read('ports.json')['servers'][2]}.sock"))
