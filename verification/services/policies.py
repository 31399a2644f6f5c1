"""How a project's masklets are verified: read, changed by owners, and told where the team cannot do it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.forms.models import model_to_dict

from engine import access
from engine.errors import InvalidInput
from engine.models import AuditKind, Membership, Project, Role
from engine.services import audit
from verification.models import GoldItem, ReviewPolicy
from verification.services import people


def of(project_id: int) -> ReviewPolicy:
    """The project's policy; the defaults where nobody has changed them."""
    return ReviewPolicy.objects.filter(project=project_id).first() or ReviewPolicy(project_id=project_id)


@transaction.atomic
def change(*, actor: User, project: Project, **values: Any) -> ReviewPolicy:
    """Other values of some of its fields (owners). What was opened under the old policy ends under it."""
    access.require(actor, project.pk, Role.OWNER)
    locked = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    policy = of(project.pk)
    wanted = model_to_dict(policy) | values
    if wanted["agreeing"] > wanted["reviewers"]:
        raise InvalidInput(
            f"{wanted['agreeing']} of {wanted['reviewers']} reviewers cannot agree. "
            "Ask for more, or for fewer to agree."
        )
    if policy.pk is None:
        policy.save(force_insert=True)
    audit.change(AuditKind.REVIEW_POLICY, policy, values, actor=actor, project_id=project.pk, subject=project)
    blind = policy.gold_share > 0
    if locked.blind_review != blind:
        Project.objects.filter(pk=project.pk).update(blind_review=blind)
    return policy


def problems(project: Project, policy: ReviewPolicy) -> list[str]:
    """What the team cannot do of it, and what happens instead; sentences for the settings."""
    there = people.reviewers(project.pk)
    members = set(
        Membership.objects.filter(project=project, user__is_active=True).values_list("user", flat=True)
    )
    found = []
    if not there:
        found.append(
            "Nobody here reviews. Give somebody the role; until then owners decide about every masklet."
        )
    if len(members) == 1 and project.separate_verification:
        found.append("You are alone here, so you verify your own work.")
    if policy.reviewers > len(there) > 0:
        found.append(
            f"{policy.reviewers} reviewers are wanted and {len(there)} there. "
            f"Until there are more, {len(there)} decide."
        )
    if policy.reviewers > 1 and not people.seniors(project.pk):
        found.append("No reviewer is a senior. Where reviewers differ an owner is asked.")
    if (
        policy.gold_share > 0
        and not GoldItem.objects.filter(masklet__project=project, retired_at=None).exists()
    ):
        found.append("There is no gold yet, so nothing is mixed in. Mark accepted masklets as gold.")
    if policy.pause_below is not None and policy.gold_share == 0:
        found.append("Nobody is ever paused, since no known answers are mixed in.")
    return found
