"""The app's processes as `make demo` starts them, on the test run's servers."""

import httpx
import psutil
import pytest

from tests.app import App

pytestmark = pytest.mark.django_db(transaction=True)


def test_web_and_streams_answer_and_come_back_after_a_kill(app: App) -> None:
    app.start("web", "streams")
    assert httpx.get(f"{app.web_origin}/api/session/").status_code == 200
    app.kill("web")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{app.web_origin}/api/session/")
    app.start("web")
    assert httpx.get(f"{app.web_origin}/api/session/").status_code == 200


def test_a_killed_worker_leaves_no_child_behind(app: App) -> None:
    app.start("ingest")
    pid = app.pid("ingest")
    assert pid
    children = psutil.Process(pid).children(recursive=True)
    assert children
    app.kill("ingest")
    assert app.pid("ingest") is None
    assert not any(child.is_running() for child in children)
