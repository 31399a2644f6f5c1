"""Verification in a real browser, on real processes: what reviewers and owners do, from first to last."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from annotation.services import masklets as desk
from engine.models import Masklet, MaskletStatus, PreverifierScore, Video
from tests import factories
from tests.app import App
from tests.browser.people import SOON, picture
from tests.factories import Team
from tests.site import until
from tests.verification.test_automatic import said, waiting as judged_by_machine
from tests.verification.test_rounds import policy, reviewer
from verification.models import AutomaticVerdicts, Review, Round
from verification.services import gold, verdicts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

Enter = Callable[[User], Page]


@pytest.fixture
def team(transactional_db: None) -> Team:
    """Committed, for the processes."""
    return factories.team()


@pytest.fixture
def video(team: Team) -> Video:
    return factories.ready_video(team.project, team.owner, frames=8, proxy=True)


@pytest.fixture
def enter(app: App, browser: Browser) -> Iterator[Enter]:
    """Opens the project's page as a person who is signed in already."""
    app.start("web", "streams")
    contexts = []

    def go_in(person: User) -> Page:
        client = Client()
        client.force_login(person)
        contexts.append(browser.new_context(viewport={"width": 1440, "height": 900}))
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": app.web_origin}
        contexts[-1].add_cookies([cookie])  # type: ignore[list-item]
        page = contexts[-1].new_page()
        page.set_default_timeout(SOON)
        expect.set_options(timeout=SOON)
        project = person.memberships.latest("pk").project_id  # type: ignore[attr-defined]
        page.goto(f"{app.web_origin}/projects/{project}")
        return page

    yield go_in
    for context in contexts:
        context.close()


def submitted(video: Video, team: Team) -> Masklet:
    """Through the annotators' door, with the disc on every frame."""
    held = desk.select_object(actor=team.annotator, video_id=video.pk)
    factories.click(held.masklet, team.annotator)
    factories.revision(held.masklet, team.annotator)
    return desk.submit(actor=team.annotator, assignment_id=held.pk, token=held.token)


def status_of(masklet: Masklet) -> str:
    return Masklet.objects.get(pk=masklet.pk).status


def becomes(masklet: Masklet, status: str) -> None:
    until(
        lambda: status_of(masklet) == status, within=30, what=f"{masklet} {status}, not {status_of(masklet)},"
    )


def review(page: Page, masklet: Masklet) -> None:
    """Goes to the masklet's review."""
    origin = "/".join(page.url.split("/")[:3])
    page.goto(f"{origin}/review/{masklet.pk}")
    page.wait_for_url("**/reviews/*")
    expect(page.get_by_role("group", name="Verdict")).to_be_visible()
    expect(page.get_by_label("Leaks onto something else")).to_be_visible()


def send_back(page: Page, masklet: Masklet, note: str = "the edge is off") -> None:
    """Unsatisfactory, with a reason and a pinned frame."""
    review(page, masklet)
    page.keyboard.press("2")
    page.keyboard.press("m")
    page.get_by_role("textbox", name="Note on frame").fill(note)
    page.keyboard.press("Enter")
    page.keyboard.press("u")


# One masklet's life.


def test_sent_back_with_a_pin_refined_and_accepted(enter: Enter, app: App, team: Team, video: Video) -> None:
    app.start("live")
    masklet = submitted(video, team)
    remy = enter(team.reviewer)
    send_back(remy, masklet)
    becomes(masklet, MaskletStatus.NEEDS_REFINEMENT)

    # The annotator reads what is asked for, at the frame where it is, corrects it, and submits.
    anna = enter(team.annotator)
    anna.goto(f"{app.web_origin}/annotate/{masklet.pk}")
    asked = anna.get_by_role("region", name="What to refine")
    expect(asked).to_contain_text("Leaks onto something else")
    expect(asked.get_by_role("list", name="Pinned frames")).to_contain_text("the edge is off")
    asked.get_by_role("list", name="Pinned frames").get_by_role("button").click()
    place = picture(anna)
    anna.mouse.click(place["x"] + 0.95 * place["width"], place["y"] + 0.05 * place["height"], button="right")
    expect(anna.locator("[data-mark=remove][data-state=saved]")).to_have_count(1)
    until(lambda: Masklet.objects.get(pk=masklet.pk).revision_number == 2, what="the corrected mask")
    expect(anna.get_by_role("button", name="Submit")).to_be_enabled()
    anna.keyboard.press("Enter")
    becomes(masklet, MaskletStatus.IN_VERIFICATION)

    # The reviewer sees what was asked for and what was before, and is content.
    review(remy, masklet)
    before = remy.get_by_role("region", name="Asked for last time")
    expect(before).to_contain_text("the edge is off")
    remy.keyboard.press("b")
    expect(remy.get_by_text("Before: unsatisfactory")).to_be_visible()
    remy.keyboard.press("s")
    becomes(masklet, MaskletStatus.ACCEPTED)
    assert list(Round.objects.filter(masklet=masklet).values_list("outcome", flat=True)) == [
        "unsatisfactory",
        "satisfactory",
    ]


def test_discarded_rejected_and_brought_back_by_an_owner(
    enter: Enter, app: App, team: Team, video: Video
) -> None:
    held = desk.select_object(actor=team.annotator, video_id=video.pk)
    masklet = held.masklet
    factories.click(masklet, team.annotator)
    factories.revision(masklet, team.annotator)
    desk.hand_back(actor=team.annotator, assignment_id=held.pk, token=held.token)
    anna = enter(team.annotator)
    anna.goto(f"{app.web_origin}/annotate/{masklet.pk}")
    expect(anna.get_by_label("Saved state")).to_contain_text("Saved")
    anna.get_by_role("button", name="Discard").click()
    anna.get_by_label("Why").fill("It is a shadow.")
    anna.get_by_role("dialog").get_by_role("button", name="Discard").click()
    becomes(masklet, MaskletStatus.IN_VERIFICATION)

    remy = enter(team.reviewer)
    review(remy, masklet)
    expect(remy.get_by_role("region", name="Proposed to discard")).to_contain_text("It is a shadow.")
    remy.keyboard.press("j")
    becomes(masklet, MaskletStatus.REJECTED)

    olga = enter(team.owner)
    olga.goto(f"{app.web_origin}/projects/{team.project.pk}/masklets?status=rejected")
    olga.get_by_role("button", name="Bring back").click()
    olga.get_by_label("What did you see?").fill("It is a cat.")
    olga.get_by_role("dialog").get_by_role("button", name="Bring back").click()
    becomes(masklet, MaskletStatus.NEEDS_REFINEMENT)


def test_what_failed_too_often_is_decided_by_an_owner_who_reads_all_of_it(
    enter: Enter, team: Team, video: Video
) -> None:
    policy(team, rounds_cap=1)
    masklet = submitted(video, team)
    send_back(enter(team.reviewer), masklet, "still wrong")
    until(lambda: Masklet.objects.get(pk=masklet.pk).escalated, what="the owner's turn")
    olga = enter(team.owner)
    olga.get_by_role("link", name="Quality").click()
    olga.get_by_role("link", name="Decide").click()
    expect(olga.get_by_text("Round 1: an owner was asked")).to_be_visible()
    expect(olga.get_by_text("still wrong")).to_be_visible()
    olga.get_by_label("Your word").fill("Good enough.")
    olga.get_by_role("button", name="Satisfactory", exact=True).click()
    becomes(masklet, MaskletStatus.ACCEPTED)


def test_two_differ_and_a_senior_decides(enter: Enter, team: Team, video: Video) -> None:
    second, senior = reviewer(team), reviewer(team, senior=True)
    policy(team, reviewers=2, agreeing=2)
    masklet = submitted(video, team)
    for person, key in ((team.reviewer, "s"), (second, "j")):
        page = enter(person)
        review(page, masklet)
        page.keyboard.press(key)
        until(
            lambda p=person: Review.objects.filter(person=p, outcome="verdict").exists(), what="the verdict"
        )
    assert Round.objects.get(masklet=masklet).tied
    sena = enter(senior)
    review(sena, masklet)
    sena.keyboard.press("s")
    becomes(masklet, MaskletStatus.ACCEPTED)


# Known answers, and the pre-verifier.


def test_a_known_answer_is_caught_another_missed_and_the_owner_sees_both(enter: Enter, team: Team) -> None:
    for _ in range(2):
        clip = factories.ready_video(team.project, team.owner, frames=8, proxy=True)
        source = submitted(clip, team)
        verdicts.decide(actor=team.owner, masklet_id=source.pk, kind="satisfactory")
        gold.make(actor=team.owner, masklet_id=source.pk, kinds=["shifted"])
    for _ in range(12):
        submitted(factories.ready_video(team.project, team.owner, frames=8, proxy=True), team)
    policy(team, gold_share=0.5)
    remy = enter(team.reviewer)
    remy.get_by_role("button", name="Review next").click()
    answered = 0
    while answered < 2:
        remy.wait_for_url("**/reviews/*")
        expect(remy.get_by_role("group", name="Verdict")).to_be_visible()
        held = Review.objects.get(pk=int(remy.url.split("?")[0].rsplit("/", 1)[-1]))
        text = remy.locator("body").inner_text().lower()
        assert "gold" not in text
        assert "known answer" not in text
        remy.keyboard.press("j" if held.gold_id is not None and not answered else "s")
        until(lambda pk=held.pk: Review.objects.get(pk=pk).outcome == "verdict", what="the verdict")
        answered += held.gold_id is not None
        remy.wait_for_function("(path) => location.pathname !== path", arg=f"/reviews/{held.pk}")
    olga = enter(team.owner)
    olga.get_by_role("link", name="Quality").click()
    plot = olga.get_by_role("img", name="Caught, of what was made wrong")
    expect(plot).to_contain_text(team.reviewer.username)
    expect(plot).to_contain_text("2 answers")


def test_a_reviewer_is_shown_where_and_why_and_goes_there(enter: Enter, team: Team, video: Video) -> None:
    masklet = submitted(video, team)
    place = {"frame_idx": 5, "chance": 0.9, "reason": "leaks", "first_frame": 4, "last_frame": 6}
    PreverifierScore.objects.create(
        project=team.project,
        masklet=masklet,
        revision=Masklet.objects.get(pk=masklet.pk).revision,
        wrong=0.8,
        places=[place],
        signals=[],
        area=1.0,
        second_opinion=False,
    )
    remy = enter(team.reviewer)
    review(remy, masklet)
    why = remy.get_by_role("region", name="Where to look first")
    expect(why.get_by_role("button")).to_have_text("frames 5 to 7leaks onto something else")
    remy.keyboard.press("k")
    remy.keyboard.press("w")
    expect(remy.get_by_role("slider", name="Frame")).to_have_attribute("aria-valuenow", "6")
    expect(why.get_by_role("listitem")).to_have_attribute("aria-current", "true")


def test_automatic_passing_is_switched_on_passes_and_ends_at_the_first_breach(
    enter: Enter, app: App, team: Team
) -> None:
    clip = factories.ready_video(team.project, team.owner, stored=False, frames=2)
    olga = enter(team.owner)
    olga.get_by_role("link", name="Pre-verifier").click()
    olga.get_by_label("Pass what is likely right").check()
    olga.get_by_role("button", name="Save").click()
    # Nobody has judged anything yet.
    expect(olga.get_by_role("alert")).to_contain_text("is promised to be right")

    said(clip, team, count=160, wrong=0.01, verdict="satisfactory")
    olga.reload()
    olga.get_by_label("Pass what is likely right").check()
    olga.get_by_role("button", name="Save").click()
    until(AutomaticVerdicts.objects.filter(passing=True).exists, what="the permission")
    made = [judged_by_machine(clip, team, wrong=0.01) for _ in range(8)]
    app.start("janitor")
    decided = {MaskletStatus.ACCEPTED, MaskletStatus.IN_VERIFICATION}
    until(
        lambda: not PreverifierScore.objects.filter(masklet__in=made, decision="").exists(),
        what="decisions without people",
    )
    assert {status_of(masklet) for masklet in made} <= decided
    passed = Masklet.objects.filter(passed_by="preverifier")
    assert passed.exists()

    # People find wrong what it would have passed: the promise is broken, and it ends by itself.
    said(clip, team, count=25, wrong=0.01, verdict="unsatisfactory")
    until(AutomaticVerdicts.objects.filter(passing=False).exists, what="the end of it")
    olga.reload()
    expect(olga.get_by_role("note").filter(has_text="Switched off by itself")).to_be_visible()
    expect(olga.get_by_label("Pass what is likely right")).not_to_be_checked()


# Several in one go.


def test_several_masklets_of_a_video_are_verified_in_one_go(enter: Enter, team: Team, video: Video) -> None:
    first, second, third = (submitted(video, team) for _ in range(3))
    other = submitted(factories.ready_video(team.project, team.owner, frames=8, proxy=True), team)
    remy = enter(team.reviewer)
    expect(remy.get_by_role("button", name="A video at once")).to_be_visible()
    remy.keyboard.press("Shift+R")
    remy.wait_for_url("**/reviews/together/*")
    members = remy.get_by_role("list", name="Masklets").get_by_role("listitem")
    expect(members).to_have_count(3)
    expect(remy.get_by_text("3 of 3 left")).to_be_visible()
    expect(remy.get_by_label("Leaks onto something else")).to_be_visible()

    # The chosen one is rejected; the next is chosen by itself and sent back for a reason.
    remy.keyboard.press("j")
    expect(members.filter(has_text="Rejected")).to_have_count(1)
    remy.keyboard.press("u")
    expect(remy.get_by_text("Say what to refine")).to_be_visible()
    remy.keyboard.press("2")
    remy.keyboard.press("u")
    expect(members.filter(has_text="Unsatisfactory")).to_have_count(1)
    expect(remy.get_by_text("1 of 3 left")).to_be_visible()

    # Taken back: it waits again, with the one that is left. Then both are satisfactory at once.
    remy.keyboard.press("z")
    expect(remy.get_by_text("2 of 2 left")).to_be_visible()
    remy.keyboard.press("ArrowDown")
    remy.keyboard.press("Shift+S")
    until(lambda: Masklet.objects.filter(video=video, status="accepted").count() == 2, what="both accepted")
    assert sorted(status_of(masklet) for masklet in (first, second, third)) == [
        "accepted",
        "accepted",
        "rejected",
    ]

    # The next video comes by itself; leaving gives it back.
    expect(remy.get_by_text("1 of 1 left")).to_be_visible()
    assert Review.objects.open().get().masklet == other
    remy.keyboard.press("Backspace")
    until(lambda: not Review.objects.open().exists(), what="what was given back")
