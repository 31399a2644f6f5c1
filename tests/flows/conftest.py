import logging
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.site import Site, running_site


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """One demo for all flows; each flow makes its own objects in it."""
    folder = Path(tempfile.mkdtemp(prefix="maskloop-flows-"))
    folder.chmod(0o711)  # root's PostgreSQL runs as nobody and must pass through
    try:
        with running_site(folder / "home") as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def quiet_http() -> None:
    """Polling would bury what a failed test has to say."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
