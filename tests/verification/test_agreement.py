"""Agreement, held against hand-worked values and against crowd-kit."""

import pandas as pd
import pytest
from crowdkit.metrics.data import alpha_krippendorff
from hypothesis import given, settings, strategies as st

from engine.errors import NotAllowed
from engine.models import Role
from engine.services import projects
from tests import factories
from tests.factories import Team
from tests.http import Caller, refusal
from tests.verification.test_rounds import give, policy, reviewer, submit
from verification import agreement
from verification.agreement import Judgement
from verification.services import agreements, dashboards, sizes


def judged(*rows: tuple[int, str, str]) -> list[Judgement]:
    return [Judgement(*row) for row in rows]


def test_people_who_always_say_the_same_agree_wholly() -> None:
    rows = judged(*((item, who, "yes" if item % 2 else "no") for item in range(10) for who in "abc"))
    told = agreement.figures(rows)
    assert (told["items"], told["judgements"]) == (10, 30)
    for name in ("cohen", "fleiss", "krippendorff"):
        assert told[name]["value"] == pytest.approx(1.0)  # type: ignore[literal-required]


def test_cohens_kappa_of_a_table_worked_by_hand() -> None:
    """20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: (0.7 - 0.5) / (1 - 0.5)."""
    table = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    rows = judged(
        *((n, who, label) for n, pair in enumerate(table) for who, label in zip("ab", pair, strict=True))
    )
    told = agreement.figures(rows)["cohen"]
    assert told["value"] == pytest.approx(0.4)
    assert told["low"] is not None
    assert told["high"] is not None
    assert told["low"] < 0.4 < told["high"]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from("abcd"), st.sampled_from(["s", "u", "r"])),
        min_size=4,
        unique_by=lambda row: (row[0], row[1]),
    )
)
def test_krippendorffs_alpha_is_crowd_kits(rows: list[tuple[int, str, str]]) -> None:
    mine = agreement.figures(judged(*rows))["krippendorff"]["value"]
    if mine is None:
        return
    frame = pd.DataFrame(rows, columns=["task", "worker", "label"])
    assert mine == pytest.approx(alpha_krippendorff(frame))


def test_nothing_judged_twice_is_no_figure() -> None:
    assert agreement.figures(judged((1, "a", "s"), (2, "b", "s")))["items"] == 0
    assert agreement.abilities(judged((1, "a", "s")), positive="s") == {}


def test_dawid_and_skene_find_who_says_yes_to_everything() -> None:
    truth = ["wrong", "right"] * 40
    rows = [(n, who, label) for n, label in enumerate(truth) for who in "abc"]
    rows += [(n, "d", "right") for n in range(len(truth))]
    found = agreement.abilities(judged(*rows), positive="right")
    assert found["a"]["sensitivity"] == pytest.approx(1.0, abs=0.05)
    assert found["d"]["sensitivity"] == pytest.approx(0.0, abs=0.05)
    assert found["d"]["specificity"] == pytest.approx(1.0, abs=0.05)


@pytest.fixture
def twice(team: Team) -> Team:
    """Two masklets that two reviewers judged, once alike."""
    people = [team.reviewer, reviewer(team)]
    projects.remove_member(
        actor=team.owner,
        project=team.project,
        membership_id=team.project.memberships.get(user=team.owner, role=Role.REVIEWER).pk,
    )
    policy(team, reviewers=2, agreeing=2)
    for kinds in (("satisfactory", "satisfactory"), ("satisfactory", "reject")):
        masklet = submit(team)
        for person, kind in zip(people, kinds, strict=True):
            give(person, masklet, kind)
    return team


def test_agreement_of_a_project(twice: Team) -> None:
    told = agreements.of(actor=twice.owner, project=twice.project)
    assert (told["all"]["items"], told["all"]["judgements"]) == (2, 4)
    assert len(told["by_reviewer"]) == 2
    assert {row["key"] for row in told["by_week"]}
    with pytest.raises(NotAllowed):
        agreements.of(actor=twice.reviewer, project=twice.project)


def test_rates_are_what_was_said(twice: Team) -> None:
    told = dashboards.of(actor=twice.owner, project=twice.project)
    (all_of_them,) = told["rates"]["all"]
    assert (all_of_them["satisfactory"], all_of_them["reject"]) == (3, 1)
    assert sum(told["ages"]["masklets"]) == 1, "the one that waits for an owner"
    assert told["rounds"] == [{"rounds": 1, "masklets": 1}]
    assert sizes.measure() == 2
    by_size = dashboards.rates(twice.project, "size")
    assert {row["key"] for row in by_size} == {"small"}


def test_pages_and_spreadsheets_of_it(twice: Team) -> None:
    home = f"projects/{twice.project.pk}/"
    owner = Caller(twice.owner)
    assert owner.get(f"{home}agreement/").status_code == 200
    told = owner.get(f"{home}verification/").json()
    assert set(told["rates"]) == {
        "all", "phase", "checkpoint", "annotator", "reviewer", "size", "week", "reason",
    }  # fmt: skip
    csv = owner.get(f"{home}verification/csv/?by=reviewer")
    assert csv.content.decode().splitlines()[0] == "key,satisfactory,unsatisfactory,reject,seconds"
    assert len(csv.content.decode().splitlines()) == 3
    assert refusal(owner.get(f"{home}verification/csv/?by=mood")) == (400, "invalid")


# Is an object missing?


def test_an_object_that_is_missing_begins_a_masklet(team: Team) -> None:
    masklet = submit(team)
    path = f"videos/{masklet.video_id}/coverage/"
    owner = Caller(team.owner)
    home = f"projects/{team.project.pk}/coverage/"
    assert owner.get(home).json()["next"] == masklet.video_id
    assert [row["id"] for row in owner.get(path).json()["masklets"]] == [masklet.pk]
    said = owner.post(path, {"missing": True, "frame_idx": 2, "x": 5.0, "y": 6.0})
    assert said.status_code == 201
    begun = owner.get(f"masklets/{said.json()['masklet']}/").json()
    assert begun["status"] == "selected"
    assert owner.post(path, {"missing": False}).status_code == 201
    told = owner.get(home).json()
    assert (told["complete"], told["missing"], told["answers"]) == (1, 0, 2)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"missing": True},
        {"missing": True, "frame_idx": 99, "x": 1, "y": 1},
        {"missing": True, "frame_idx": 0, "x": 96, "y": 1},
        {"missing": True, "frame_idx": 0, "x": 1},
        {"missing": False, "frame_idx": 0},
        {"missing": None},
    ],
    ids=str,
)
def test_an_answer_that_makes_no_sense_is_refused(team: Team, body: dict[str, object]) -> None:
    video = factories.ready_video(team.project, team.owner, stored=False)
    assert refusal(Caller(team.owner).post(f"videos/{video.pk}/coverage/", body)) == (400, "invalid")


def test_annotators_are_not_asked(team: Team) -> None:
    video = factories.ready_video(team.project, team.owner, stored=False)
    assert refusal(Caller(team.annotator).get(f"videos/{video.pk}/coverage/")) == (403, "not_allowed")
