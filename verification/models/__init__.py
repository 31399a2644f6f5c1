from verification.models.automatic import AutomaticVerdicts
from verification.models.review import Review
from verification.models.verdict import Verdict

__all__ = ["AutomaticVerdicts", "Review", "Verdict"]
