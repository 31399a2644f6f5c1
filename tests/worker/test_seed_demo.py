import io

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from engine import storage
from engine.models import Membership, Project, Video

pytestmark = pytest.mark.django_db


def seed() -> str:
    said = io.StringIO()
    call_command("seed_demo", stdout=said)
    return said.getvalue()


def test_the_demo_has_a_person_in_each_role_and_two_clips_on_their_way() -> None:
    said = seed()
    project = Project.objects.get(name="Demo")
    for username, role in (("olga", "owner"), ("anna", "annotator"), ("remy", "reviewer")):
        assert f"{username} / " in said
        assert Membership.objects.filter(project=project, user__username=username, role=role).exists()
    videos = list(project.videos.order_by("name"))
    assert [(video.name, video.status) for video in videos] == [
        ("kites.mp4", "extracting"),
        ("reef.mp4", "extracting"),
    ]
    assert all(storage.size_of(video.source_key) for video in videos)


def test_a_seeding_that_was_interrupted_is_finished_by_the_next_and_then_left_alone() -> None:
    seed()
    Video.objects.get(name="reef.mp4").delete()
    seed()
    seed()
    assert sorted(Video.objects.values_list("name", flat=True)) == ["kites.mp4", "reef.mp4"]
    assert User.objects.count() == 3
