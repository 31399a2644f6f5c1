from django.contrib.auth.models import User
from django.db import transaction

from engine import access
from engine.errors import InvalidInput
from engine.models import Checkpoint, CheckpointStatus, Membership, Project, Role


@transaction.atomic
def create_project(
    *, actor: User, name: str, description: str = "", fps: float = 24.0, annotate_every: int = 4
) -> Project:
    """A project whose creator has every role, with the installation's checkpoint active."""
    project = Project.objects.create(
        name=name, description=description, fps=fps, annotate_every=annotate_every
    )
    Membership.objects.bulk_create(Membership(project=project, user=actor, role=role) for role in Role)
    Checkpoint.objects.create(project=project, name="default", location="", status=CheckpointStatus.ACTIVE)
    return project


def add_member(*, actor: User, project: Project, username: str, role: str) -> Membership:
    access.require(actor, project.pk, Role.OWNER)
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise InvalidInput(f"Nobody here is called {username}. Ask them for their user name.")
    membership, _ = Membership.objects.get_or_create(project=project, user=user, role=role)
    return membership
