"""How soon after the verdict's key the next masklet plays, in headless Chromium on the built pages."""

from __future__ import annotations

import statistics
import time

from playwright.sync_api import Page, sync_playwright

from benchmarks.effort.stack import PASSWORD

LISTEN = """() => {
  window.pressed = 0;
  const note = () => { window.pressed = performance.now(); };
  addEventListener('keydown', note, {once: true, capture: true});
}"""
AHEAD = 1_500  #: milliseconds that one looks at a masklet


def next_masklet_p95(origin: str, project: int, username: str, *, times: int) -> float:
    """Milliseconds from S to the next masklet moving; over `times` verdicts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(origin)
        page.get_by_label("User name").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="Verify").first.click()
        page.get_by_role("button", name="Review next").click()
        took = [_once(page) for _ in range(times)]
        browser.close()
    return statistics.quantiles(took, n=20, method="inclusive")[-1]


def _once(page: Page) -> float:
    page.wait_for_function("() => document.querySelector('video')?.currentTime > 0.05")
    page.wait_for_timeout(AHEAD)
    address = page.url
    page.evaluate(LISTEN)
    page.keyboard.press("s")
    deadline = time.monotonic() + 30
    return float(
        page.evaluate(
            """(address) => new Promise((done) => {
                 const look = () => {
                   const video = document.querySelector('video');
                   const moves = location.href !== address && video && !video.paused && video.currentTime > 0;
                   if (moves) done(performance.now() - window.pressed);
                   else requestAnimationFrame(look);
                 };
                 look();
               })""",
            address,
        )
        if time.monotonic() < deadline
        else 30_000
    )
