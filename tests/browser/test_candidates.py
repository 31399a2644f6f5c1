"""Automatic masklets in a real browser: look for objects → verify at the gallery → refine."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.people import LATER, SOON, sign_in
from tests.site import Person, Site
from worker.render import render_clip, write_mp4

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered clip with several objects that the demo does not hold."""
    made = render_clip(11, width=320, height=180, frames=33, objects=4, split="test")
    path = tmp_path_factory.mktemp("clip") / "crowd.mp4"
    write_mp4(path, made.frames)
    return path


def candidates(person: Person, video: int, **query: Any) -> list[dict[str, Any]]:
    return list(person.get("/api/candidates/", video=video, **query)["results"])


def test_from_looking_for_objects_to_a_release_of_them(browser: Browser, site: Site, clip: Path) -> None:
    # An owner uploads a clip and lets SAM 2 look for its objects.
    olga = sign_in(browser, site, "olga")
    olga.get_by_label("Video files").set_input_files(clip)
    expect(olga.get_by_role("row", name=clip.name).get_by_text("Ready")).to_be_visible(timeout=LATER)
    owner, reviewer = site.sign_in("olga"), site.sign_in("remy")
    video = owner.ready_video(clip.name)["id"]
    project = owner.project["id"]
    olga.get_by_role("link", name="Candidates").click()
    olga.get_by_role("list", name="Videos").get_by_text(clip.name).click()
    expect(olga.get_by_text("No candidates in this video")).to_be_visible()
    olga.get_by_role("button", name="Look for objects").click()
    expect(olga.get_by_role("button", name="Look again")).to_be_visible(timeout=2 * LATER)
    found = candidates(owner, video)
    waiting = candidates(owner, video, status="in_verification")
    assert waiting, f"nothing passed: {[row['fate'] for row in found]}"
    expect(olga.get_by_role("list", name="Candidates").get_by_role("listitem")).to_have_count(len(found))

    # An owner brings one back that fell, so that there are three to decide about.
    for row in [row for row in found if row["status"] == "filtered"][: max(0, 3 - len(waiting))]:
        owner.post(f"/api/projects/{project}/candidates/bring-back/", {"masklets": [row["id"]]})
    waiting = candidates(owner, video, status="in_verification")
    client = owner.http
    csrf = {"X-CSRFToken": client.cookies.get("csrftoken") or ""}
    policy = client.patch(
        f"/api/projects/{project}/candidate-policy/", json={"refine_share": 1}, headers=csrf
    )
    assert policy.is_success

    # A reviewer decides by keys: the first is satisfactory, the second is to be refined, the third is none.
    remy = sign_in(browser, site, "remy")
    remy.goto(f"{site.origin}/projects/{project}/candidates?video={video}&view=waiting")
    cards = remy.get_by_role("list", name="Candidates").get_by_role("listitem")
    expect(cards).to_have_count(len(waiting), timeout=SOON)
    first = waiting[0]["id"]
    remy.keyboard.press("s")
    expect(remy.get_by_text("1 candidate accepted")).to_be_visible(timeout=SOON)
    assert reviewer.get(f"/api/masklets/{first}/")["status"] == "accepted"
    if len(waiting) > 1:
        remy.keyboard.press("u")
        remy.get_by_label("Misses parts").check()
        remy.get_by_role("dialog").get_by_role("button", name="Unsatisfactory").click()
        expect(remy.get_by_text("1 candidate unsatisfactory")).to_be_visible(timeout=SOON)
        assert len(candidates(owner, video, status="needs_refinement")) == 1
    if len(waiting) > 2:
        remy.keyboard.press("j")
        expect(remy.get_by_text("1 candidate rejected")).to_be_visible(timeout=SOON)
        remy.keyboard.press("z")
        expect(cards).to_have_count(len(waiting) - 2, timeout=SOON)

    # Who annotates the video next sees what exists, and nobody draws it again; what is accepted is released.
    anna = site.sign_in("anna")
    listed = anna.get("/api/masklets/", video=video, status="accepted")["results"]
    assert [(row["id"], row["source"]) for row in listed] == [(first, "auto")]
