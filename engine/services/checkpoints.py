from django.conf import settings

from engine.models import Checkpoint, CheckpointStatus


def active_location(project_id: int) -> str:
    """Where the weights that this project uses lie; the installation's default where a project names none."""
    row = Checkpoint.objects.filter(project_id=project_id, status=CheckpointStatus.ACTIVE).first()
    return (row.location if row else "") or settings.CHECKPOINT
