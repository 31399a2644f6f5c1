from verification.models.review import Review
from verification.models.verdict import Verdict

__all__ = ["Review", "Verdict"]
