from annotation.models.assignment import Assignment
from annotation.models.experiment import Experiment, Target, Trial
from annotation.models.interaction import Interaction

__all__ = ["Assignment", "Experiment", "Interaction", "Target", "Trial"]
