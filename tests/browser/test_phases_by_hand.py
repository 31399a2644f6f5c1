"""Phases 1 and 2 worked by hand in a real browser, and what the ledger says of it. (Phase 3 is the whole line.)"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import LATER, picture, sign_in
from tests.site import Person, Site
from worker.render import render_clip, write_mp4

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
FRAMES = 3  #: that are annotated


class ReadyVideo:
    """A short video in the demo project, and where its object is on each annotated frame (fractions of the picture)."""

    def __init__(self, video: dict[str, Any], places: list[tuple[float, float]]):
        self.video = video
        self.places = places


@pytest.fixture(scope="module")
def footage(browser: Browser, site: Site, tmp_path_factory: pytest.TempPathFactory) -> ReadyVideo:
    made = render_clip(21, width=320, height=180, frames=4 * FRAMES - 3, objects=1, split="test", vanishing=0)
    path = Path(tmp_path_factory.mktemp("clip")) / "by-hand.mp4"
    write_mp4(path, made.frames)
    olga = sign_in(browser, site, "olga")
    olga.get_by_label("Video files").set_input_files(path)
    expect(olga.get_by_role("row", name=path.name).get_by_text("Ready")).to_be_visible(timeout=LATER)
    places = []
    for mask in made.masks[::4, 0]:
        rows, columns = np.nonzero(mask)
        middle = len(rows) // 2
        places.append((columns[middle] / 320, rows[middle] / 180))
    return ReadyVideo(site.sign_in("olga").ready_video(path.name), places)


def begin(browser: Browser, site: Site, footage: ReadyVideo, *, phase: int) -> Page:
    """A new object of the video, in a phase, before an annotator."""
    olga = site.sign_in("olga")
    olga.post(f"/api/projects/{olga.project['id']}/phase/", {"phase": phase, "videos": [footage.video["id"]]})
    anna = sign_in(browser, site, "anna")
    anna.get_by_role("link", name=footage.video["name"]).click()
    anna.get_by_role("button", name="New object").click()
    anna.wait_for_url("**/annotate/*")
    expect(anna.get_by_label("Saved state")).to_contain_text("Saved")
    expect(anna.get_by_text(f"phase {phase}:").first).to_be_visible()
    return anna


def click(page: Page, at: tuple[float, float], *, button: Any = "left") -> None:
    place = picture(page)
    page.mouse.click(place["x"] + at[0] * place["width"], place["y"] + at[1] * place["height"], button=button)


def settle(page: Page, person: Person, frames: int) -> dict[str, Any]:
    """Wait until everything is saved; the masks of so many frames are there."""
    expect(page.get_by_label("Saved state")).to_contain_text("Saved", timeout=LATER)
    masklet = masklet_of(page)
    for _ in range(300):
        held = person.get(f"/api/masklets/{masklet}/masks/")
        if len(held["frames"]) >= frames:
            return dict(held)
        page.wait_for_timeout(200)
    raise AssertionError(f"{len(held['frames'])} of {frames} masks came")


def judge(site: Site, page: Page) -> None:
    """A verdict on the page's masklet, so that it waits in nobody's queue and comes into nobody's release."""
    remy = site.sign_in("remy")
    review = remy.post(f"/api/masklets/{masklet_of(page)}/review/")
    remy.insist(f"/api/reviews/{review['id']}/verdict/", {"verdict": "reject"}, Lease_Token=review["token"])


def masklet_of(page: Page) -> int:
    return int(page.url.split("?")[0].rsplit("/", 1)[-1])


def effort(site: Site, video: dict[str, Any], phase: int) -> dict[str, Any]:
    olga = site.sign_in("olga")
    table = olga.get(f"/api/projects/{olga.project['id']}/effort/", by="phase", video=video["id"])
    return next(row for row in table["rows"] if row["key"] == str(phase))


def test_phase_1_every_frame_is_clicked_painted_or_marked_absent(
    browser: Browser, site: Site, footage: ReadyVideo
) -> None:
    anna, person = begin(browser, site, footage, phase=1), site.sign_in("anna")
    submit = anna.get_by_role("button", name="Submit")
    expect(anna.get_by_text(f"0 of {FRAMES} frames done")).to_be_visible()
    expect(anna.get_by_role("group", name="Propagate")).to_have_count(0)
    click(anna, footage.places[0])
    settle(anna, person, 1)
    expect(anna.get_by_text(f"1 of {FRAMES} frames done")).to_be_visible(timeout=LATER)
    expect(submit).to_be_disabled()

    # The second frame is painted.
    anna.keyboard.press("t")
    anna.keyboard.press("p")
    place = picture(anna)
    x, y = (
        place["x"] + footage.places[1][0] * place["width"],
        place["y"] + footage.places[1][1] * place["height"],
    )
    anna.mouse.move(x, y)
    anna.mouse.down()
    anna.mouse.move(x + 30, y + 10, steps=5)
    anna.mouse.up()
    painted = settle(anna, person, 2)
    assert painted["frames"]["1"]["predicted_iou"] == 1.0, "it is the mask that was painted"

    # On the third the object is said to be absent.
    anna.keyboard.press("t")
    anna.keyboard.press("o")
    settle(anna, person, 3)
    expect(submit).to_be_enabled(timeout=LATER)
    anna.keyboard.press("Enter")
    expect(anna.get_by_text("is submitted")).to_be_visible()
    judge(site, anna)

    row = effort(site, footage.video, 1)
    assert (row["masklets"], row["frames"], row["edited_frames_share"]) == (1, FRAMES, 1.0)
    assert (row["clicks"], row["masks"]) == (1, 2)
    assert row["strokes"] == 1
    assert 0 < row["active_seconds"] < 120


def test_phase_2_a_correction_makes_its_frame_from_scratch_and_is_propagated(
    browser: Browser, site: Site, footage: ReadyVideo
) -> None:
    anna, person = begin(browser, site, footage, phase=2), site.sign_in("anna")
    click(anna, footage.places[0])
    settle(anna, person, 1)
    propagate = anna.get_by_role("group", name="Propagate")
    expect(propagate.get_by_role("button", name="Forward")).to_be_enabled(timeout=LATER)
    anna.keyboard.press("Shift+F")
    settle(anna, person, FRAMES)
    expect(propagate.get_by_role("button", name="Forward")).to_be_enabled(timeout=LATER)

    anna.keyboard.press("f")
    click(anna, footage.places[1], button="right")
    expect(anna.get_by_text("from scratch").first).to_be_visible()
    expect(anna.locator("[data-mark=remove]")).to_have_count(0)
    click(anna, footage.places[1])
    expect(anna.locator("[data-mark=add][data-state=saved]")).to_have_count(1)
    masklet = masklet_of(anna)
    prompts = person.get(f"/api/masklets/{masklet}/prompts/")["prompts"]
    assert [prompt["frame_idx"] for prompt in prompts] == [0, 1]
    expect(propagate.get_by_role("button", name="Forward")).to_be_enabled(timeout=LATER)
    anna.keyboard.press("Shift+F")
    submit = anna.get_by_role("button", name="Submit")
    expect(submit).to_be_enabled(timeout=LATER)
    anna.keyboard.press("Enter")
    expect(anna.get_by_text("is submitted")).to_be_visible()
    judge(site, anna)
    row = effort(site, footage.video, 2)
    assert (row["clicks"], row["clicked_frames"]) == (2, 2)
    assert row["edited_frames_share"] == pytest.approx(2 / FRAMES)
