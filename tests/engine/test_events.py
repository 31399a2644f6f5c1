import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.conf import settings
from rest_framework.test import APIClient

from engine import events
from engine.api.events import application
from engine.models import Run
from engine.services import runs
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
SignIn = Callable[[Any], APIClient]


@pytest.fixture
def run(team: factories.Team) -> Run:
    video = factories.ready_video(team.project, team.owner, stored=False)
    masklet = factories.masklet(video, team.annotator)
    factories.click(masklet, team.annotator)
    taken = runs.take(factories.propagate_run(masklet, team.annotator).pk, worker="test")
    assert taken is not None
    return taken


def listen(run_id: int, client: APIClient | None, last_event_id: str = "", **headers: str) -> httpx.Response:
    """The whole stream of a run that has ended."""
    cookies = {name: morsel.value for name, morsel in client.cookies.items()} if client else {}
    if last_event_id:
        headers["Last-Event-ID"] = last_event_id

    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(app=application)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://streams", cookies=cookies
        ) as browser:
            return await browser.get(f"/api/runs/{run_id}/events/", headers=headers)

    return asyncio.run(get())


def told(response: httpx.Response) -> list[dict[str, Any]]:
    found = []
    for block in response.text.replace("\r\n", "\n").strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        if lines:
            found.append(
                {"id": lines.get("id", ""), "event": lines["event"], "data": json.loads(lines["data"])}
            )
    return found


def work(run: Run, frames: int = 4) -> None:
    for frame_idx in range(frames):
        events.publish(run.pk, "mask", {"frame_idx": frame_idx, "counts": "x"})
    runs.succeed(run, {"revision": 1})


def test_a_reader_gets_every_event_in_order_and_the_end(
    run: Run, team: factories.Team, signed_in: SignIn
) -> None:
    work(run)
    found = told(listen(run.pk, signed_in(team.annotator)))
    assert [e["data"]["frame_idx"] for e in found if e["event"] == "mask"] == [0, 1, 2, 3]
    assert found[0]["data"]["status"] == "running"
    assert found[-1]["data"] == {
        "id": run.pk, "kind": "propagate", "status": "succeeded", "error": None, "result": {"revision": 1},
    }  # fmt: skip


def test_a_reader_that_was_cut_off_goes_on_where_it_was(
    run: Run, team: factories.Team, signed_in: SignIn
) -> None:
    work(run)
    everything = told(listen(run.pk, signed_in(team.annotator)))
    rest = told(listen(run.pk, signed_in(team.annotator), last_event_id=everything[2]["id"]))
    assert rest == everything[3:]


def test_where_redis_forgot_the_run_its_row_tells_how_it_ended(
    run: Run, team: factories.Team, signed_in: SignIn
) -> None:
    work(run)
    events.connect().flushdb()
    found = told(listen(run.pk, signed_in(team.annotator)))
    assert [(e["event"], e["data"]["status"]) for e in found] == [("status", "succeeded")]


def test_a_last_event_id_that_is_nonsense_starts_from_the_beginning(
    run: Run, team: factories.Team, signed_in: SignIn
) -> None:
    work(run)
    found = told(listen(run.pk, signed_in(team.annotator), last_event_id="x; DROP"))
    assert [e["event"] for e in found].count("mask") == 4


def test_strangers_and_the_signed_out_hear_nothing(run: Run, team: factories.Team, signed_in: SignIn) -> None:
    work(run)
    assert listen(run.pk, None).status_code == 401
    assert listen(run.pk, signed_in(team.stranger)).status_code == 404
    assert listen(10**15, signed_in(team.annotator)).status_code == 404


def test_a_session_ends_for_streams_when_the_password_changes(
    run: Run, team: factories.Team, signed_in: SignIn
) -> None:
    work(run)
    client = signed_in(team.annotator)
    team.annotator.set_password("another correct horse")
    team.annotator.save()
    assert listen(run.pk, client).status_code == 401


def test_only_pages_of_this_site_may_read_the_stream(
    run: Run, team: factories.Team, signed_in: SignIn
) -> None:
    work(run)
    client = signed_in(team.annotator)
    ours = listen(run.pk, client, Origin=settings.WEB_ORIGIN)
    assert ours.headers["access-control-allow-origin"] == settings.WEB_ORIGIN
    assert ours.headers["access-control-allow-credentials"] == "true"
    theirs = listen(run.pk, client, Origin="http://elsewhere.example")
    assert "access-control-allow-origin" not in theirs.headers
