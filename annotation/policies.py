"""Who may do which part of the work on a masklet (SAM 2 paper, appendix D.2.1: five steps, five people)."""

from django.contrib.auth.models import User

from annotation.models import Assignment
from engine.errors import MaskloopError, NotAllowed
from engine.models import Masklet, MaskletStatus, Membership, Project, Role, Source


class NotTrained(MaskloopError):
    status = 403
    code = "not_trained"
    message = "You are not trained for this phase. Ask an owner."


class OwnSelection(MaskloopError):
    status = 403
    code = "own_selection"
    message = "You chose this object. Another annotator tracks it."


class SelectionOnly(MaskloopError):
    status = 409
    code = "selection_only"
    message = (
        "You chose this object; another annotator tracks it. Pass it on once its mask is right on one frame."
    )


def separates_selection(project: Project) -> bool:
    """Whether selection and tracking are jobs of different people: where the policy holds and two could share them."""
    annotators = Membership.objects.filter(project=project, role=Role.ANNOTATOR, user__is_active=True)
    return project.separate_selection and annotators.values("user").distinct().count() > 1


def is_own_selection(masklet: Masklet, person: User) -> bool:
    """Whether this person chose the object, by hand and outside an experiment."""
    return masklet.created_by_id == person.pk and masklet.source == Source.MANUAL and not masklet.trial


def trained_phases(project_id: int, person: User) -> list[int]:
    """The phases that an annotator may work in."""
    memberships = Membership.objects.filter(project_id=project_id, user=person, role=Role.ANNOTATOR)
    return sorted({phase for phases in memberships.values_list("phases", flat=True) for phase in phases})


def check_tracking(assignment: Assignment) -> None:
    """Raise `SelectionOnly` for what belongs to tracking."""
    if assignment.job == Assignment.Job.SELECTION:
        raise SelectionOnly


def check_claim(masklet: Masklet, person: User) -> None:
    """Raise `NotAllowed` (kept for somebody else), `NotTrained` or `OwnSelection`."""
    kept = masklet.assigned_to
    if kept is not None and kept != person:
        name = kept.get_full_name() or kept.get_username()
        raise NotAllowed(f"This is kept for {name}. Take another one, or ask an owner.")
    if masklet.phase not in trained_phases(masklet.project_id, person):
        raise NotTrained(f"You are not trained for phase {masklet.phase}. Ask an owner.")
    selected = masklet.status == MaskletStatus.SELECTED  # its selection may still be mended
    if not selected and is_own_selection(masklet, person) and separates_selection(masklet.project):
        raise OwnSelection
