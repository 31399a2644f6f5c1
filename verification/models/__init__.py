from verification.models.automatic import AutomaticVerdicts
from verification.models.coverage import CoverageAnswer
from verification.models.draw import SamplingDraw
from verification.models.gold import GoldItem
from verification.models.policy import ReviewPolicy
from verification.models.probe import Probe
from verification.models.review import Review
from verification.models.round import Round
from verification.models.standing import Standing
from verification.models.verdict import Pin, Verdict
from verification.models.verdict_kind import VerdictBy, VerdictKind

__all__ = [
    "AutomaticVerdicts",
    "CoverageAnswer",
    "GoldItem",
    "Pin",
    "Probe",
    "Review",
    "ReviewPolicy",
    "Round",
    "SamplingDraw",
    "Standing",
    "Verdict",
    "VerdictBy",
    "VerdictKind",
]
