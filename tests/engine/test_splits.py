import pytest

from engine.errors import NotAllowed, NotFound
from engine.models import AuditEntry, Video
from engine.services import splits
from tests import factories
from tests.http import Caller, refusal

pytestmark = pytest.mark.django_db


def ready(team: factories.Team, **fields: object) -> Video:
    return factories.ready_video(team.project, team.owner, stored=False, **fields)


def test_most_footage_is_trained_on_and_a_video_keeps_its_side(team: factories.Team) -> None:
    sides = splits.sides_of([Video(pk=pk) for pk in range(1, 2001)])
    counts = {side: list(sides.values()).count(side) for side in ("train", "val", "test")}
    assert 150 < counts["val"] < 250
    assert 150 < counts["test"] < 250
    assert splits.sides_of([Video(pk=pk) for pk in range(500, 600)]).items() <= sides.items()


def test_the_same_file_is_on_one_side_however_often_it_comes(team: factories.Team) -> None:
    copies = [ready(team, source_sha256="a" * 64) for _ in range(5)]
    other = ready(team)
    for video in [*copies, other]:
        splits.regroup(video)
    groups = set(Video.objects.filter(source_sha256="a" * 64).values_list("split_group", flat=True))
    assert groups == {copies[0].pk}
    assert splits.group_of(other) == other.pk
    assert len(set(splits.sides_of(Video.objects.filter(source_sha256="a" * 64)).values())) == 1


def test_footage_that_looks_alike_is_found_by_its_pictures(team: factories.Team) -> None:
    first = ready(team, picture_hashes=[0, 2**40 - 1, -1, 77])
    shorter = ready(team, picture_hashes=[0b111, -2])  # some bits differ, as after another encoding
    unlike = ready(team, picture_hashes=[0x5555555555555555])
    for video in (first, shorter, unlike):
        splits.regroup(video)
    assert splits.kin(first) == [shorter]
    assert splits.group_of(shorter) == first.pk
    assert splits.group_of(unlike) == unlike.pk
    assert not splits.look_alike([], [])


def test_what_is_joined_by_a_third_is_one_group(team: factories.Team) -> None:
    one, two = ready(team, picture_hashes=[0]), ready(team, source_sha256="b" * 64)
    splits.regroup(one)
    splits.regroup(two)
    assert splits.group_of(one) != splits.group_of(two)
    splits.regroup(ready(team, picture_hashes=[1], source_sha256="b" * 64))
    assert set(Video.objects.filter(project=team.project).values_list("split_group", flat=True)) == {one.pk}


def test_an_owner_says_which_side_and_the_whole_group_follows(team: factories.Team) -> None:
    videos = [ready(team) for _ in range(3)]
    ids = [video.pk for video in videos]
    splits.describe(actor=team.owner, project=team.project, videos=ids[:2], group_key="street 5")
    splits.describe(actor=team.owner, project=team.project, videos=ids[1:2], split="val")
    sides = splits.sides_of(Video.objects.filter(pk__in=ids[:2]))
    assert set(sides.values()) == {"val"}
    entry = AuditEntry.objects.filter(kind="videos_described").latest("id")
    assert (entry.before, entry.after) == ({"split": [""]}, {"split": "val", "videos": [ids[1]]})

    splits.describe(actor=team.owner, project=team.project, videos=ids[:1], group_key="")
    first = Video.objects.get(pk=ids[0])
    assert splits.group_of(first) != splits.group_of(Video.objects.get(pk=ids[1]))


def test_only_owners_describe_and_only_what_is_theirs(team: factories.Team) -> None:
    other = factories.team()
    foreign = ready(other)
    with pytest.raises(NotAllowed):
        splits.describe(actor=team.annotator, project=team.project, videos=[1], split="val")
    with pytest.raises(NotFound):
        splits.describe(actor=team.owner, project=team.project, videos=[foreign.pk], split="val")
    with pytest.raises(NotFound):
        splits.describe(actor=team.stranger, project=team.project, videos=[foreign.pk], split="val")


def test_a_list_tells_split_side_and_group(team: factories.Team) -> None:
    videos = [ready(team) for _ in range(3)]
    caller = Caller(team.owner)
    answer = caller.patch(f"videos/{videos[0].pk}/", {"split": "test", "environment": "Indoor"})
    assert (answer.json()["split"], answer.json()["side"]) == ("test", "test")
    ids = [video.pk for video in videos]
    batch = {"videos": ids, "group_key": "one street"}
    assert caller.patch(f"projects/{team.project.pk}/videos/", batch).status_code == 204
    rows = caller.get(f"videos/?project={team.project.pk}").json()["results"]
    assert {row["side"] for row in rows} == {"test"}
    assert {row["group_key"] for row in rows} == {"one street"}
    assert caller.patch(f"videos/{ids[0]}/", {"split": "minival"}).status_code == 400


def test_many_videos_are_described_in_one_request_and_one_entry(team: factories.Team) -> None:
    ids = [ready(team).pk for _ in range(3)]
    Video.objects.filter(pk=ids[0]).update(tags=["rain", "night"])
    caller, path = Caller(team.owner), f"projects/{team.project.pk}/videos/"
    entries = AuditEntry.objects.filter(kind="videos_described")
    said = {
        "videos": ids,
        "split": "val",
        "environment": "Outdoor",
        "add_tags": ["fog", "rain"],
        "remove_tags": ["night"],
    }
    assert caller.patch(path, said).status_code == 204
    rows = Video.objects.filter(pk__in=ids).order_by("pk")
    assert [row.tags for row in rows] == [["rain", "fog"], ["fog", "rain"], ["fog", "rain"]]
    assert {(row.split, row.environment) for row in rows} == {("val", "Outdoor")}
    entry = entries.get()
    assert entry.before == {"split": [""], "environment": [""], "tags": ["night", "rain"]}
    assert entry.after == said
    assert caller.patch(path, said).status_code == 204
    assert entries.count() == 1, "what changes nothing is no entry"


def test_what_many_videos_cannot_be_told(team: factories.Team) -> None:
    one, full = ready(team), ready(team)
    Video.objects.filter(pk=full.pk).update(tags=[f"tag {n}" for n in range(splits.MOST_TAGS)])
    path, both = f"projects/{team.project.pk}/videos/", [one.pk, full.pk]
    owner = Caller(team.owner)
    answer = owner.patch(path, {"videos": both, "add_tags": ["fog"], "split": "val"})
    assert refusal(answer) == (400, "invalid_input")
    assert "at most 100 tags" in answer.json()["message"]
    for bad in (
        {"videos": list(range(1, 502)), "split": "val"},
        {"videos": [one.pk], "add_tags": ["x" * 61]},
        {"videos": [one.pk], "add_tags": [f"tag {n}" for n in range(101)]},
        {"videos": [one.pk], "add_tags": "fog"},
    ):
        assert owner.patch(path, bad).status_code == 400, bad
    foreign = ready(factories.team())
    assert owner.patch(path, {"videos": [one.pk, foreign.pk], "split": "val"}).status_code == 404
    assert Caller(team.annotator).patch(path, {"videos": [one.pk], "split": "val"}).status_code == 403
    assert Caller(team.stranger).patch(path, {"videos": [one.pk], "split": "val"}).status_code == 404
    one.refresh_from_db()
    assert (one.split, one.tags) == ("", [])
    taken = {"videos": both, "remove_tags": ["tag 1"], "add_tags": ["fog"]}
    assert owner.patch(path, taken).status_code == 204
