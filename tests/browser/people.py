"""People in front of a real browser."""

from playwright.sync_api import Browser, Page, expect

from tests.site import Site

PASSWORD = "follow-the-object"
SOON, LATER = 30_000, 180_000  #: milliseconds


def sign_in(browser: Browser, site: Site, username: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(SOON)
    expect.set_options(timeout=SOON)
    page.goto(site.origin)
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Demo").click()
    page.wait_for_url("**/projects/*")
    return page


def picture(page: Page) -> dict[str, float]:
    """Where the frame lies on the screen: the proxy video lies exactly beneath it."""
    video = page.locator("[role=application] video")
    return dict(video.evaluate("(e) => e.getBoundingClientRect().toJSON()"))
