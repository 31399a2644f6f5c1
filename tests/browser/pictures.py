"""The pictures of the pages in docs/pictures, taken of a demo of its own: `make pictures`.

Its own rendered clips alone are in them. One person of each kind does their part, so that the pages have something to
show; each page is taken light and dark.
"""

import io
import os
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import FLAGS
from tests.browser.people import LATER, picture, sign_in
from tests.site import ROOT, Site, running_site

OUT = ROOT / "docs" / "pictures"
CLIP = "reef"
FISH = (90 / 480, 105 / 270)  #: where the first fish of the clip is on its first frame
QUALITY = 80  #: of WebP
#: Whether each still of the contact sheet shows its frame.
PAINTED = """() => [...document.querySelectorAll('[aria-label="Contact sheet"] canvas')].every(
  (canvas) => canvas.getContext('2d').getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data[3])"""


def take(page: Page, name: str) -> None:
    """`name`.webp, and `name`-dark.webp of the same page."""
    for scheme, ending in (("light", ""), ("dark", "-dark")):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.wait_for_timeout(800)
        shot = Image.open(io.BytesIO(page.screenshot()))
        shot.convert("RGB").save(OUT / f"{name}{ending}.webp", quality=QUALITY, method=6)


def annotate(browser: Browser, site: Site) -> None:
    """One object, from a click to a masklet that waits for its verdict."""
    anna = sign_in(browser, site, "anna")
    anna.get_by_role("link", name=CLIP).click()
    anna.get_by_role("button", name="New object").click()
    anna.wait_for_url("**/annotate/*")
    expect(anna.get_by_label("Saved state")).to_contain_text("Saved")
    place = picture(anna)
    anna.mouse.click(place["x"] + FISH[0] * place["width"], place["y"] + FISH[1] * place["height"])
    propagate = anna.get_by_role("group", name="Propagate")
    expect(propagate.get_by_role("button", name="Forward")).to_be_enabled(timeout=LATER)
    anna.keyboard.press("Shift+F")
    expect(anna.get_by_role("button", name="Stop")).to_be_visible()
    expect(propagate).to_be_visible(timeout=LATER)
    for _ in range(2):
        anna.keyboard.press("v")
    take(anna, "annotate")
    anna.keyboard.press("Enter")
    expect(anna.get_by_text("is submitted")).to_be_visible()


def review(browser: Browser, site: Site) -> None:
    """The desk of whoever verifies."""
    remy = sign_in(browser, site, "remy")
    remy.get_by_role("button", name="Review next").click()
    remy.wait_for_url("**/reviews/*", timeout=LATER)
    expect(remy.get_by_role("list", name="Contact sheet")).to_be_visible(timeout=LATER)
    remy.wait_for_function(PAINTED, timeout=LATER)
    remy.keyboard.press("Space")  # a busy machine's screenshot has the mask of one frame on another
    remy.keyboard.press("f")
    remy.wait_for_timeout(1000)  # the masks come after their frames
    take(remy, "review")
    remy.keyboard.press("s")
    expect(remy.get_by_role("button", name="Undo")).to_be_visible()


def own(browser: Browser, site: Site) -> None:
    """What an owner looks at: the project, and what its masks cost."""
    olga = sign_in(browser, site, "olga")
    take(olga, "project")
    olga.get_by_role("link", name="Effort", exact=True).click()
    expect(olga.get_by_role("table").first).to_be_visible(timeout=LATER)
    take(olga, "effort")


def main() -> None:
    """Start a demo, let people do their part, take the pictures."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="maskloop-pictures-") as folder:
        Path(folder).chmod(0o711)  # root's PostgreSQL runs as nobody and must pass through
        with running_site(Path(folder) / "home") as site, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, "--no-sandbox"])
            person = site.sign_in("olga")
            person.ready_video(CLIP)
            annotate(browser, site)
            review(browser, site)
            own(browser, site)
            browser.close()


if __name__ == "__main__":
    main()
