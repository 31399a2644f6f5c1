"""Who may give a verdict on what."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.models import User
from django.db.models import Q

from engine import access
from engine.models import Masklet, MaskletStatus, Membership, Project, Prompt, Revision, Role, Transition


def reviewers(project_id: int) -> set[int]:
    """The project's active reviewers."""
    members = Membership.objects.filter(project=project_id, role=Role.REVIEWER, user__is_active=True)
    return set(members.values_list("user", flat=True))


def seniors(project_id: int) -> set[int]:
    """Those of them who are asked where the others differ."""
    members = Membership.objects.filter(
        project=project_id, role=Role.REVIEWER, senior=True, user__is_active=True
    )
    return set(members.values_list("user", flat=True))


def is_senior(person: User, project_id: int) -> bool:
    """Whether this reviewer decides where others disagree."""
    return Membership.objects.filter(
        project=project_id, user=person, role=Role.REVIEWER, senior=True
    ).exists()


def verifiers(masklet: Masklet) -> set[int]:
    """Reviewers of its project who may verify `masklet`: those who had no hand in it, where the project asks that."""
    everybody = reviewers(masklet.project_id)
    return everybody - hands(masklet) if separates(masklet.project) else everybody


class Standing(NamedTuple):
    """What decides about a person's claims in a project."""

    senior: bool
    separates: bool  #: nobody verifies their own work


def standing(person: User, project_id: int) -> Standing:
    """Both in one question."""
    members = Membership.objects.filter(project=project_id, user__is_active=True)
    rows = list(members.values_list("user", "role", "senior", "project__separate_verification"))
    senior = any(user == person.pk and role == Role.REVIEWER and is_one for user, role, is_one, _ in rows)
    asked = any(policy for *_, policy in rows)
    return Standing(senior, asked and len({user for user, *_ in rows}) > 1)


def separates(project: Project) -> bool:
    """Whether nobody verifies their own work: where the policy holds, and somebody else is there at all."""
    if not project.separate_verification:
        return False
    people = Membership.objects.filter(project=project, user__is_active=True)
    return people.values("user").distinct().count() > 1


def not_for(person: User, project: Project) -> Q:
    """Masklets that `person` may not verify."""
    return access.had_a_hand(person.pk) if separates(project) else Q(pk__in=[])


def hands(masklet: Masklet) -> set[int]:
    """Everybody who chose the object, prompted it, made masks of it, or submitted it."""
    submitted = _submissions(masklet).values_list("actor", flat=True)
    found = {masklet.created_by_id, *submitted}
    found |= set(Prompt.objects.filter(masklet=masklet).values_list("actor", flat=True))
    found |= set(Revision.objects.filter(masklet=masklet).values_list("actor", flat=True))
    return {pk for pk in found if pk is not None}


def annotator(masklet: Masklet) -> User | None:
    """Who submitted it last; None where no person did."""
    last = _submissions(masklet).select_related("actor").order_by("-id").first()
    return last.actor if last else None


def annotator_id(masklet: Masklet) -> int | None:
    """The same by its number alone."""
    return _submissions(masklet).order_by("-id").values_list("actor", flat=True).first()


def _submissions(masklet: Masklet):  # type: ignore[no-untyped-def]
    return Transition.objects.filter(
        subject_type="masklet",
        subject_id=masklet.pk,
        from_status=MaskletStatus.ANNOTATING,
        to_status=MaskletStatus.IN_VERIFICATION,
    )
