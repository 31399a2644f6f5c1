"""The main job in a real browser: upload → click → propagate → submit → verify → release → download."""

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from pycocotools import mask as coco
from scipy import ndimage

from tests.browser.people import LATER, SOON, picture, sign_in
from tests.site import Site
from worker.render import render_clip, write_mp4

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
#: Pixels that a mask's outline, halo and the markers of prompts may reach beyond it.
OUTLINE = 14


class VideoFile:
    """What is uploaded, and where on its first frame the object is (in fractions of width and height)."""

    def __init__(self, path: Path, at: tuple[float, float]):
        self.path = path
        self.at = at


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> VideoFile:
    """A real clip where there is one, else a rendered clip that the demo does not hold."""
    if footage := os.environ.get("MASKLOOP_FOOTAGE"):
        return VideoFile(Path(footage) / "01_dog.mp4", at=(0.47, 0.58))
    made = render_clip(7, width=320, height=180, frames=49, objects=1, split="test")
    path = tmp_path_factory.mktemp("clip") / "rendered.mp4"
    write_mp4(path, made.frames)
    rows, columns = np.nonzero(made.masks[0, 0])
    middle = len(rows) // 2
    return VideoFile(path, at=(columns[middle] / 320, rows[middle] / 180))


def shown_mask(page: Page) -> np.ndarray:
    """Where the mask is painted on the screen: what changes in the picture when it is hidden (bool, screen size)."""
    place = picture(page)
    clip = {"x": place["x"], "y": place["y"], "width": place["width"], "height": place["height"]}

    def look() -> np.ndarray:
        page.wait_for_timeout(700)
        return np.asarray(Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB"), dtype=int)

    painted = look()
    page.keyboard.press("h")
    bare = look()
    page.keyboard.press("h")
    return np.asarray(np.abs(painted - bare).max(axis=2) > 8)


def decoded(rle: dict[str, Any]) -> np.ndarray:
    return np.asarray(coco.decode({"size": rle["size"], "counts": rle["counts"].encode()}), dtype=bool)


def test_the_whole_line(browser: Browser, site: Site, clip: VideoFile, tmp_path: Path) -> None:
    # An owner uploads a clip; it becomes frames by itself.
    olga = sign_in(browser, site, "olga")
    olga.get_by_label("Video files").set_input_files(clip.path)
    row = olga.get_by_role("row", name=clip.path.name)
    expect(row.get_by_text("Ready")).to_be_visible(timeout=LATER)

    # An annotator chooses an object with one click, and a mask appears on it.
    anna = sign_in(browser, site, "anna")
    anna.get_by_role("link", name=clip.path.name).click()
    anna.get_by_role("button", name="New object").click()
    anna.wait_for_url("**/annotate/*")
    masklet_id = int(anna.url.split("?")[0].rsplit("/", 1)[-1])
    expect(anna.get_by_label("Saved state")).to_contain_text("Saved")
    place = picture(anna)
    anna.mouse.click(place["x"] + clip.at[0] * place["width"], place["y"] + clip.at[1] * place["height"])
    expect(anna.locator("[data-mark=add][data-state=saved]")).to_have_count(1)
    propagate = anna.get_by_role("group", name="Propagate")
    expect(propagate.get_by_role("button", name="Forward")).to_be_enabled(timeout=LATER)
    person = site.sign_in("anna")
    first = person.get(f"/api/masklets/{masklet_id}/masks/")["frames"]["0"]

    # SAM 2 carries it through the video while the page shows how far it is.
    anna.keyboard.press("Shift+F")
    expect(anna.get_by_role("button", name="Stop")).to_be_visible()
    expect(propagate).to_be_visible(timeout=LATER)
    held = person.get(f"/api/masklets/{masklet_id}/masks/")
    frames = person.get(f"/api/videos/{person.get(f'/api/masklets/{masklet_id}/')['video']}/")["frame_count"]
    assert sorted(map(int, held["frames"])) == list(range(frames))
    assert held["frames"]["0"]["counts"] == first["counts"], "the mask that was clicked stays as it was shown"

    # What is painted is what is stored.
    stored = decoded({"size": held["size"], "counts": held["frames"]["0"]["counts"]})
    painted = shown_mask(anna)
    on_screen = np.asarray(
        Image.fromarray(stored).resize((painted.shape[1], painted.shape[0]), Image.Resampling.NEAREST)
    )
    assert on_screen.any()
    near = ndimage.binary_dilation(on_screen, iterations=OUTLINE)
    assert painted[ndimage.binary_erosion(on_screen, iterations=2)].mean() > 0.9, "the mask is painted"
    assert near[painted].mean() > 0.9, "and nothing else is"

    # A click on a later frame corrects that frame.
    for _ in range(3):
        anna.keyboard.press("f")
    anna.mouse.click(place["x"] + 0.9 * place["width"], place["y"] + 0.05 * place["height"], button="right")
    expect(anna.locator("[data-mark=remove][data-state=saved]")).to_have_count(1)
    submit = anna.get_by_role("button", name="Submit")
    expect(submit).to_be_enabled(timeout=LATER)
    anna.keyboard.press("Enter")
    expect(anna.get_by_text("is submitted")).to_be_visible()

    # Another person watches it and finds it satisfactory.
    remy = sign_in(browser, site, "remy")
    seen: dict[str, Any] = {}
    remy.on(
        "response",
        lambda r: (
            seen.update({r.url.split("/")[-3]: r.json()})
            if r.ok and "/api/reviews/" in r.url and r.url.endswith("/masks/")
            else None
        ),
    )
    remy.get_by_role("button", name="Review next").click()
    remy.wait_for_url("**/reviews/*")
    expect(remy.get_by_role("group", name="Verdict")).to_be_visible()
    expect(remy.get_by_role("list", name="Contact sheet")).to_be_visible()
    remy.wait_for_timeout(1500)
    reviewed = remy.url.split("?")[0].rsplit("/", 1)[-1]  # the next one is loaded ahead
    remy.keyboard.press("s")
    expect(remy.get_by_role("button", name="Undo")).to_be_visible()

    # The owner freezes, exports and downloads.
    olga.get_by_role("link", name="Releases").click()
    olga.get_by_role("button", name="New release").first.click()
    olga.get_by_label("Name").fill("line 1")
    olga.get_by_role("button", name="Create draft").click()
    card = olga.get_by_role("article").filter(has_text="line 1")
    card.get_by_role("button", name="Freeze").click()
    olga.get_by_role("dialog").get_by_role("button", name="Freeze").click()
    card.get_by_role("button", name="Export").click()
    olga.get_by_role("dialog").get_by_role("button", name="Write").click()
    archive = card.get_by_role("link", name="Download ZIP")
    expect(archive).to_be_visible(timeout=LATER)
    with olga.expect_download() as download:
        archive.click()
    path = tmp_path / "release.zip"
    download.value.save_as(path)

    # The files are SA-V, and hold exactly the masks that the reviewer was shown.
    with zipfile.ZipFile(path) as archived:
        names = archived.namelist()
        name = next(n for n in names if n.endswith("_manual.json"))
        manual = json.loads(archived.read(name))
        mp4 = tmp_path / "video.mp4"
        mp4.write_bytes(archived.read(name.replace("_manual.json", ".mp4")))
    assert len(manual["masklet"]) == frames
    height, width = int(manual["video_height"]), int(manual["video_width"])
    for frame_idx, (rle,) in enumerate(manual["masklet"]):
        assert rle["size"] == [height, width]
        masks = seen[reviewed]
        shown = {"size": masks["size"], "counts": masks["frames"][str(frame_idx)]["counts"]}
        assert (decoded(rle) == decoded(shown)).all()
    assert manual["masklet_edited_frame_count"] == [2]
    with av.open(str(mp4)) as container:
        count = sum(1 for _ in container.decode(video=0))
    assert (count, -(-count // 4)) == (int(manual["video_frame_count"]), frames)


def test_a_second_tab_is_refused_clearly_and_may_take_over(browser: Browser, site: Site) -> None:
    first = sign_in(browser, site, "anna")
    first.get_by_role("link", name="kites").click()
    first.get_by_role("button", name="New object").click()
    first.wait_for_url("**/annotate/*")
    expect(first.get_by_label("Saved state")).to_contain_text("Saved")

    # A duplicated tab brings a copy of the first one's session storage, and with it its lease.
    second = first.context.new_page()
    second.goto(site.origin)
    storage = first.evaluate("() => ({...sessionStorage})")
    assert any("assignment" in key for key in storage)
    second.evaluate("(copy) => Object.assign(sessionStorage, copy)", storage)
    second.goto(first.url)
    expect(second.get_by_text("another tab").first).to_be_visible(timeout=SOON)
    second.get_by_role("button", name="Take over").click()
    expect(second.get_by_label("Saved state")).to_contain_text("Saved", timeout=SOON)

    place = picture(first)
    first.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    expect(first.get_by_role("alert").first).to_be_visible(timeout=SOON)
    expect(second.get_by_role("alert")).to_have_count(0)


def test_what_is_no_video_ends_with_a_sentence(browser: Browser, site: Site, tmp_path: Path) -> None:
    fake = tmp_path / "notes.mp4"
    fake.write_text("This is a shopping list, not a video.\n" * 100)
    olga = sign_in(browser, site, "olga")
    olga.get_by_label("Video files").set_input_files(fake)
    row = olga.get_by_role("row", name="notes.mp4")
    expect(row.get_by_text("Failed")).to_be_visible(timeout=LATER)
    expect(olga.get_by_text("This is not a video file that can be read here")).to_be_visible()
