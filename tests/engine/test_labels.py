from typing import Any

import pytest

from engine.models import AuditEntry, Label, Masklet
from engine.services import audit, labels
from tests import factories
from tests.http import Caller, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def masklet(team: factories.Team) -> Masklet:
    video = factories.ready_video(team.project, team.owner, frames=6, stored=False)
    return factories.masklet(video, team.annotator)


def add(team: factories.Team, **told: Any) -> Any:
    return Caller(team.owner).post(f"projects/{team.project.pk}/labels/", told)


def test_a_label_keeps_its_number_and_no_other_gets_it(team: factories.Team) -> None:
    assert [add(team, name=name).json()["number"] for name in ("dog", "cat")] == [1, 2]
    path = f"projects/{team.project.pk}/labels/"
    cat = Label.objects.get(name="cat")
    retired = Caller(team.owner).patch(f"{path}{cat.pk}/", {"retired": True})
    assert retired.json()["retired"]
    assert add(team, name="cow").json()["number"] == 3
    assert refusal(add(team, name="cat")) == (400, "invalid")
    told = Caller(team.annotator).get(path).json()
    assert [(row["number"], row["name"], row["retired"]) for row in told["labels"]] == [
        (1, "dog", False), (2, "cat", True), (3, "cow", False),
    ]  # fmt: skip


def test_what_has_a_label_is_called_by_its_new_name(team: factories.Team, masklet: Masklet) -> None:
    add(team, name="dog")
    labels.describe(actor=team.annotator, masklet_id=masklet.pk, label="dog")
    label = Label.objects.get()
    Caller(team.owner).patch(f"projects/{team.project.pk}/labels/{label.pk}/", {"name": "hound"})
    masklet.refresh_from_db()
    assert masklet.label == "hound"


def test_a_project_with_a_list_takes_no_other_words(team: factories.Team, masklet: Masklet) -> None:
    path = f"masklets/{masklet.pk}/description/"
    assert Caller(team.annotator).patch(path, {"label": "whatever"}).status_code == 200
    add(team, name="dog")
    refused = Caller(team.annotator).patch(path, {"label": "whatever"})
    assert refusal(refused) == (400, "invalid")
    assert "It has dog." in refused.json()["message"]
    select = Caller(team.annotator).post(f"videos/{masklet.video_id}/masklets/", {"label": "whatever"})
    assert refusal(select) == (400, "invalid")
    assert Caller(team.annotator).patch(path, {"label": ""}).json()["label"] == ""


def test_attributes_are_of_an_object_or_of_some_frames(team: factories.Team, masklet: Masklet) -> None:
    owner, path = Caller(team.owner), f"projects/{team.project.pk}/attributes/"
    assert (
        owner.post(path, {"name": "pose", "kind": "choice", "choices": ["sits", "runs"]}).status_code == 201
    )
    for kind in ("number", "text", "tick"):
        assert owner.post(path, {"name": kind, "kind": kind}).status_code == 201
    said = {
        "attributes": {"number": 2.5, "tick": True, "text": "of Anna"},
        "frame_attributes": [{"name": "pose", "first": 0, "last": 3, "value": "runs"}],
    }
    answer = Caller(team.annotator).patch(f"masklets/{masklet.pk}/description/", said)
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in said} == said
    entry = AuditEntry.objects.get(kind="masklet_described")
    assert (entry.actor, entry.subject) == (team.annotator, str(masklet))
    assert audit.verify(team.project.pk).whole


@pytest.mark.parametrize(
    "said",
    [
        {"attributes": {"unknown": 1}},
        {"attributes": {"pose": "flies"}},
        {"attributes": {"age": True}},
        {"attributes": {"age": [1]}},
        {"frame_attributes": [{"name": "pose", "first": 4, "last": 6, "value": "runs"}]},
        {"frame_attributes": [{"name": "pose", "first": 3, "last": 2, "value": "runs"}]},
    ],
)
def test_what_cannot_be_said_is_refused_and_nothing_changes(
    team: factories.Team, masklet: Masklet, said: dict[str, Any]
) -> None:
    owner = team.owner
    labels.add_attribute(
        actor=owner, project=team.project, name="pose", kind="choice", choices=["sits", "runs"]
    )
    labels.add_attribute(actor=owner, project=team.project, name="age", kind="number")
    refused = Caller(team.annotator).patch(f"masklets/{masklet.pk}/description/", {"label": "x", **said})
    assert refusal(refused) == (400, "invalid")
    masklet.refresh_from_db()
    assert (masklet.label, masklet.attributes, masklet.frame_attributes) == ("", {}, [])


def test_a_video_and_its_frames_have_tags(team: factories.Team, masklet: Masklet) -> None:
    said = {"tags": ["night", "rain"], "frame_tags": [{"name": "blurred", "first": 1, "last": 2}]}
    answer = Caller(team.annotator).patch(f"videos/{masklet.video_id}/tags/", said)
    assert {name: answer.json()[name] for name in said} == said
    assert Caller(team.stranger).patch(f"videos/{masklet.video_id}/tags/", said).status_code == 404


def test_answers_that_were_given_stay_on_offer(team: factories.Team) -> None:
    row = labels.add_attribute(
        actor=team.owner, project=team.project, name="pose", kind="choice", choices=["sits", "runs"]
    )
    owner, path = Caller(team.owner), f"projects/{team.project.pk}/attributes/{row.pk}/"
    assert owner.patch(path, {"choices": ["sits", "runs", "lies"]}).json()["choices"][-1] == "lies"
    assert refusal(owner.patch(path, {"choices": ["sits"]})) == (400, "invalid")
    assert refusal(Caller(team.annotator).patch(path, {"retired": True})) == (403, "not_allowed")


def test_masklets_are_found_by_a_part_of_their_label(team: factories.Team, masklet: Masklet) -> None:
    other = factories.masklet(masklet.video, team.annotator)
    Masklet.objects.filter(pk=masklet.pk).update(label="Guide dog")
    Masklet.objects.filter(pk=other.pk).update(label="cat 100%")
    anna, path = Caller(team.annotator), f"masklets/?project={team.project.pk}&label="

    def found(part: str) -> list[int]:
        return [row["id"] for row in anna.get(path + part).json()["results"]]

    assert found("dog") == found("GUIDE") == [masklet.pk]
    assert found("100%25") == [other.pk]
    assert found("%25%25") == found("cow") == []
    assert sorted(found("")) == sorted([masklet.pk, other.pk])
    assert Caller(team.stranger).get(path + "dog").json()["results"] == []
