"""Throw-away PostgreSQL, Valkey and SeaweedFS for the whole test run (a pytest plugin).

They are there before Django reads its settings and gone after the last test, also after Ctrl-C.
A server that the environment names (DATABASE_URL, REDIS_URL, S3_ENDPOINT_URL) is used as it is;
MASKLOOP_TEST_NO_STACK=1 starts none, for tests that touch no server.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.app import App

_PREFIX = "maskloop-test-"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Before pytest-django, which loads the settings in this very hook."""
    options = early_config.known_args_namespace
    wanted = not (options.help or options.version or os.environ.get("MASKLOOP_TEST_NO_STACK"))
    os.environ.setdefault("SECRET_KEY", "only-for-tests")
    if wanted:
        stack = contextlib.ExitStack()
        early_config.add_cleanup(stack.close)
        os.environ.update(stack.enter_context(running_stack()))
    return (yield)


@contextlib.contextmanager
def running_stack() -> Iterator[dict[str, str]]:
    """The servers in a folder of their own; yields the environment that leads to them."""
    from deploy.local.home import Home
    from deploy.local.servers import Servers

    with throw_away_folder() as folder:
        home = Home(folder)
        home.prepare()
        servers = Servers(home, external=os.environ, throw_away=True)
        with servers.running():
            yield servers.environment() | servers.migration_environment()


@contextlib.contextmanager
def throw_away_folder() -> Iterator[Path]:
    """A temporary folder that the next run removes if this one is killed."""
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    folder.chmod(0o711)  # root's PostgreSQL runs as nobody and must pass through
    with (folder / "alive").open("w") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError), (folder / "alive").open("r+") as alive:
            fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def processes(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator["App"]:
    from tests.app import App

    app = App(tmp_path_factory.mktemp("app"))
    app.manage("prepare_bucket")
    yield app
    app.stop()


@pytest.fixture
def app(processes: "App") -> Iterator["App"]:
    """Real processes of the app; tests that use it also ask for `transactional_db`.

    The web servers stay for the next test. What takes runs goes: it would take those of other tests.
    """
    yield processes
    for name in ("janitor", "ingest", "export", "gpu", "live", "train"):
        processes.kill(name)


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser that CHROMIUM names, or a Chromium or Chrome on PATH; without one, a failure."""
    named = os.environ.get("CHROMIUM")
    names = [named] if named else ["chromium", "chromium-browser", "google-chrome"]
    for name in names:
        if found := shutil.which(name):
            return Path(found)
    pytest.fail(
        f"This test drives a real browser and {' or '.join(names)} was not found: install Chromium "
        "(on Debian: apt install chromium), or give the path of one in CHROMIUM.",
        pytrace=False,
    )
