"""What datasets are made of, through the pages: what an object is, what a video shows, a second upload, the bin."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import LATER, sign_in
from tests.maskloop.test_client import film
from tests.site import Person, Site, until


def patch(person: Person, path: str, body: dict[str, object]) -> None:
    csrf = {"X-CSRFToken": person.http.cookies.get("csrftoken") or ""}
    person._said(person.http.patch(path, json=body, headers=csrf))


@pytest.fixture
def words(site: Site) -> Iterator[str]:
    """A label with the key 7 and a tick, for this test alone: with a list, a project takes no other words."""
    olga = site.sign_in("olga")
    project, name = f"/api/projects/{olga.project['id']}", f"dog {uuid.uuid4().hex[:6]}"
    label = olga.insist(f"{project}/labels/", {"name": name, "key": "7"})
    attribute = olga.insist(f"{project}/attributes/", {"name": f"wet {name}", "kind": "tick"})
    yield name
    patch(olga, f"{project}/labels/{label['id']}/", {"retired": True, "key": ""})
    patch(olga, f"{project}/attributes/{attribute['id']}/", {"retired": True})


def test_an_object_is_called_something_by_one_key(browser: Browser, site: Site, words: str) -> None:
    anna, remy = site.sign_in("anna"), site.sign_in("remy")
    video = anna.ready_video()
    held = anna.insist(f"/api/videos/{video['id']}/masklets/", {"label": ""})
    masklet = f"/api/masklets/{held['masklet']['id']}/"
    page = sign_in(browser, site, "anna")
    page.goto(f"{site.origin}/annotate/{held['masklet']['id']}")
    page.get_by_role("button", name="Take over here").click()
    label = page.get_by_role("group", name="Label").get_by_role("button", name=words)
    expect(label).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Shift+Digit7")
    expect(label).to_have_attribute("aria-pressed", "true")
    until(lambda: anna.get(masklet)["label"] == words, what="the label")
    page.get_by_role("group", name=f"wet {words}").get_by_role("button", name="yes").click()
    until(lambda: anna.get(masklet)["attributes"] == {f"wet {words}": True}, what="the attribute")
    page.get_by_role("button", name="Say of some frames").click()
    said = page.get_by_role("form", name="Said of some frames")
    said.get_by_role("button", name="no").click()
    said.get_by_label("to", exact=True).fill("2")
    said.get_by_role("button", name="Add").click()
    wet = {"name": f"wet {words}", "first": 0, "last": 1, "value": False}
    until(lambda: anna.get(masklet)["frame_attributes"] == [wet], what="what is said of frames")
    # Another press takes the label back; the others stay.
    page.keyboard.press("Shift+Digit7")
    expect(label).to_have_attribute("aria-pressed", "false")
    until(lambda: anna.get(masklet)["label"] == "", what="no label")
    assert anna.get(masklet)["frame_attributes"] == [wet]

    # While it is annotated, its video stays.
    olga = sign_in(browser, site, "olga")
    olga.goto(f"{site.origin}/videos/{video['id']}")
    olga.get_by_role("button", name="Move to the bin").click()
    expect(olga.get_by_role("alert")).to_contain_text("Somebody is annotating")

    page.close()
    token = anna.insist(f"/api/masklets/{held['masklet']['id']}/claim/", {"takeover": True})["assignment"]
    anna.insist(f"/api/assignments/{token['id']}/discard/", {"reason": "a test"}, Lease_Token=token["token"])
    review = remy.post(f"{masklet}review/")
    remy.insist(f"/api/reviews/{review['id']}/verdict/", {"verdict": "reject"}, Lease_Token=review["token"])


def test_a_file_comes_twice_only_when_it_is_meant(browser: Browser, site: Site, tmp_path: Path) -> None:
    name = f"{uuid.uuid4().hex[:8]}.mp4"
    path = film(tmp_path / name)
    path.write_bytes(path.read_bytes() + name.encode())  # a file that nobody has sent before
    page, olga = sign_in(browser, site, "olga"), site.sign_in("olga")
    page.get_by_label("Video files").set_input_files(path)
    first = olga.ready_video(name)
    expect(page.get_by_role("row", name=name)).to_contain_text("Ready", timeout=LATER)

    page.get_by_label("Video files").set_input_files(path)
    tray = page.get_by_role("list", name="Uploads")
    expect(tray).to_contain_text(f"The project has this file already, as {name}.")
    expect(tray.get_by_role("link", name="Look there")).to_have_attribute("href", f"/videos/{first['id']}")
    assert rows_called(olga, name) == 1
    page.get_by_role("button", name="Upload anyway").click()
    until(lambda: rows_called(olga, name) == 2, within=60, what="the second video")

    into_the_bin_and_back(page, site, olga, first["id"], name)


def rows_called(olga: Person, name: str) -> int:
    found = olga.get("/api/videos/", project=olga.project["id"], name=name)["results"]
    return len(found)


def into_the_bin_and_back(page: Page, site: Site, olga: Person, video: int, name: str) -> None:
    page.goto(f"{site.origin}/videos/{video}")
    page.get_by_role("group", name="Split").get_by_role("button", name="val").click()
    until(lambda: olga.get(f"/api/videos/{video}/")["split"] == "val", what="the split")
    page.get_by_label("Tag of the video").fill("rain")
    page.keyboard.press("Enter")
    until(lambda: olga.get(f"/api/videos/{video}/")["tags"] == ["rain"], what="the tag")
    page.get_by_role("button", name="Move to the bin").click()
    page.wait_for_url("**/bin")
    row = page.get_by_role("row", name=name)
    expect(row).to_contain_text("29 days")
    assert olga.http.get(f"/api/videos/{video}/").status_code == 404
    row.get_by_role("button", name=f"Restore {name}").click()
    expect(page.get_by_role("row", name=name)).to_have_count(0)
    back = olga.get(f"/api/videos/{video}/")
    assert (back["split"], back["tags"]) == ("val", ["rain"])


def test_many_videos_are_described_at_once_and_masklets_found_by_label(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    olga, anna = site.sign_in("olga"), site.sign_in("anna")
    word = uuid.uuid4().hex[:8]
    page = sign_in(browser, site, "olga")
    for number in range(2):
        path = film(tmp_path / f"{word} {number}.mp4")
        path.write_bytes(path.read_bytes() + f"{word} {number}".encode())
        page.get_by_label("Video files").set_input_files(path)
    videos = [olga.ready_video(f"{word} {number}.mp4")["id"] for number in range(2)]
    page.get_by_label("Name contains").fill(word)
    expect(page.get_by_role("row", name=word)).to_have_count(2, timeout=LATER)
    bar = page.get_by_role("group", name="The chosen videos")

    def choose(what: str) -> None:
        page.get_by_label("Choose all that are shown").check()
        bar.get_by_text(what, exact=True).click()

    choose("Split")
    bar.get_by_text("test", exact=True).click()
    bar.get_by_role("button", name="Apply").click()
    expect(bar).to_have_count(0)
    choose("Tags")
    bar.get_by_label("Tag", exact=True).fill("rain")
    page.keyboard.press("Enter")
    expect(bar).to_have_count(0)
    for video in videos:
        told = olga.get(f"/api/videos/{video}/")
        assert (told["split"], told["tags"]) == ("test", ["rain"])

    held = anna.insist(f"/api/videos/{videos[0]}/masklets/", {"label": f"dog {word}"})
    page.goto(f"{site.origin}/projects/{olga.project['id']}/masklets?label={word}")
    expect(page.get_by_role("row", name=f"dog {word}")).to_have_count(1)
    page.get_by_label("Label contains").fill(f"cat {word}")
    expect(page.get_by_text("No masklet fits these filters")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_label("Label contains")).to_have_value("")
    token = held["assignment"]
    anna.insist(f"/api/assignments/{token['id']}/discard/", {"reason": "a test"}, Lease_Token=token["token"])
