from annotation.models.assignment import Assignment
from annotation.models.effort_sum import EffortSum
from annotation.models.experiment import Experiment, Target, Trial
from annotation.models.interaction import Interaction

__all__ = ["Assignment", "EffortSum", "Experiment", "Interaction", "Target", "Trial"]
