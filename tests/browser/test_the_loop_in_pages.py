"""Triggers, canary, promotion and rollback worked in a real browser, and a checkpoint that is brought in.

The project's line of candidates is made of rows; the server, the janitor, the workers and the file's way are real.
"""

import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from engine import storage
from engine.models import Canary, Checkpoint, Promotion, TrainingPolicy, TriggerDecision
from engine.services import checkpoints
from tests import factories
from tests.app import App
from tests.browser.people import LATER, SOON
from tests.worker.sam2.tiny import tiny_model

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
VIEWPORT: ViewportSize = {"width": 1440, "height": 1000}
#: Where pictures of the pages go that somebody wants to look at; nowhere if it is not set.
PICTURES = os.environ.get("MASKLOOP_PICTURES")


@pytest.fixture(scope="module", autouse=True)
def rows_beside_a_browser() -> Iterator[None]:
    """Playwright keeps an event loop in this thread, where Django sees a danger that is none: nothing awaits rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def app(tmp_path: Path, transactional_db: None) -> Iterator[App]:
    made = App(tmp_path)
    storage.prepare_bucket(allowed_origin=made.web_origin)
    made.start("web", "streams", "export")
    yield made
    made.stop()


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A small SAM 2 as save_pretrained writes it, zipped."""
    tiny_model().save_pretrained(tmp_path / "model")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in (tmp_path / "model").iterdir():
            archive.write(path, path.name)
    (tmp_path / "theirs.zip").write_bytes(buffer.getvalue())
    return tmp_path / "theirs.zip"


@pytest.fixture
def page(browser: Browser, app: App, team: factories.Team) -> Page:
    """The owner at the checkpoints of a project with two candidates: one that passed the gate, one that did not."""
    held = factories.held_out(team)
    release = factories.frozen_release(team)
    good = factories.challenger(team, held, release)
    bad = factories.challenger(team, held, release, after=0.4)
    Checkpoint.objects.filter(pk=good.pk).update(name="good")
    Checkpoint.objects.filter(pk=bad.pk).update(name="bad")
    made = browser.new_context(viewport=VIEWPORT).new_page()
    made.set_default_timeout(SOON)
    expect.set_options(timeout=SOON)
    made.goto(app.web_origin)
    made.get_by_label("User name").fill(team.owner.username)
    made.get_by_label("Password").fill(factories.PASSWORD)
    made.get_by_role("button", name="Sign in").click()
    made.get_by_role("link", name=team.project.name).wait_for()
    made.goto(f"{app.web_origin}/projects/{team.project.pk}/checkpoints")
    return made


def look(page: Page, name: str) -> None:
    """A picture of the whole page, light and dark, for whoever wants to look at it."""
    if not PICTURES:
        return
    page.set_viewport_size({"width": 1440, "height": 2400})  # the page scrolls inside its frame
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.wait_for_timeout(500)  # until colours have changed
        page.screenshot(path=Path(PICTURES) / f"{name}-{theme}.png")
    page.set_viewport_size(VIEWPORT)


def test_the_loop_is_worked_in_the_pages(page: Page, app: App, team: factories.Team, theirs: Path) -> None:
    good = Checkpoint.objects.get(name="good")

    # The lineage is worked by the keyboard; what the gate keeps out says why and cannot be promoted.
    drawing = page.get_by_role("group", name="Lineage of the checkpoints")
    bad = drawing.get_by_role(
        "button", name="bad: retrained from default on release first, judged beside default"
    )
    bad.focus()
    page.keyboard.press("Enter")
    expect(bad).to_have_attribute("aria-pressed", "true")
    gate = page.get_by_role("region", name="The gate")
    expect(gate.get_by_text("kept out")).to_be_visible()
    expect(gate.get_by_role("link", name="masklet").first).to_be_visible()
    sides = page.get_by_role("region", name="Evaluations side by side")
    expect(sides.get_by_text("good, beside default: passed")).to_be_visible()
    look(page, "checkpoints")
    page.get_by_role("button", name="Promote bad").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("It does not beat default beyond chance")).to_be_visible()
    page.keyboard.press("Escape")

    # A canary is started, seen and stopped.
    canary = page.get_by_role("region", name="Canary")
    canary.get_by_label("Share of new assignments").fill("25")
    canary.get_by_role("button", name="Try good").click()
    expect(canary.get_by_text("does 25 % of new assignments")).to_be_visible()
    assert Canary.objects.get().challenger == good
    canary.get_by_role("button", name="Stop the canary").click()
    expect(canary.get_by_text("stopped", exact=True)).to_be_visible()

    # The good one is promoted, and taken back with a reason that stays to be read.
    page.get_by_role("button", name="Promote good").click()
    dialog.get_by_role("button", name="Promote").click()
    champions = page.get_by_role("region", name="Champions")
    expect(champions.get_by_text("passed the gate")).to_be_visible()
    champion = checkpoints.active(team.project.pk)
    assert champion == good
    champions.get_by_role("button", name="Roll back").click()
    dialog.get_by_label("What went wrong").fill("It flickers at the edges.")
    dialog.get_by_role("button", name="Roll back").click()
    expect(champions.get_by_text("It flickers at the edges.")).to_be_visible()
    back = checkpoints.active(team.project.pk)
    assert back is not None
    assert back.name == "default"
    assert Promotion.objects.latest("number").reason == "It flickers at the edges."

    # Triggers are set, and asking by hand makes a decision that says why.
    triggers = page.get_by_role("region", name="Triggers")
    triggers.get_by_text("When it retrains, and what that may cost").click()
    triggers.get_by_label("Retrain by itself").check()
    triggers.get_by_label("Every so many newly accepted masklets").fill("150")
    triggers.get_by_role("button", name="Save").click()
    expect(triggers.get_by_text("Saved.")).to_be_visible()
    policy = TrainingPolicy.objects.get(project=team.project)
    assert (policy.enabled, policy.every_accepted) == (True, 150)
    triggers.get_by_role("button", name="Freeze and retrain now").click()
    decisions = triggers.get_by_role("list", name="Decisions, the latest first")
    expect(decisions.get_by_role("listitem").first).to_be_visible()
    expect(decisions.get_by_text(TriggerDecision.objects.latest("id").reason)).to_be_visible()

    # A checkpoint is brought in as a file: it is a candidate, and its files can be taken along.
    page.get_by_role("button", name="Bring in").click()
    dialog.get_by_label("File").set_input_files(theirs)
    look(page, "bring-in")
    dialog.get_by_role("button", name="Bring in").click()
    brought = drawing.get_by_role("button", name="theirs: brought in from theirs.zip")
    expect(brought).to_be_visible(timeout=LATER)
    brought.click()
    expect(page.get_by_text("What it was trained on is not known here")).to_be_visible()
    page.get_by_role("button", name="Take it along").click()
    expect(page.get_by_role("link", name="model.safetensors")).to_be_visible()
    look(page, "brought-in")

    # What is no checkpoint is refused with a sentence, and goes.
    nothing = theirs.with_name("nothing.zip")
    nothing.write_bytes(b"this is no archive")
    page.get_by_role("button", name="Bring in").click()
    dialog.get_by_label("File").set_input_files(nothing)
    dialog.get_by_role("button", name="Bring in").click()
    coming = page.get_by_role("list", name="Checkpoints that are brought in")
    expect(coming.get_by_text("This is neither a ZIP with config.json")).to_be_visible(timeout=LATER)
    look(page, "refused")
    coming.get_by_role("button", name="Remove nothing").click()
    expect(coming).to_have_count(0)
