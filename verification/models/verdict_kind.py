from django.db import models


class VerdictKind(models.TextChoices):
    """SAM 2 paper §5.1, quality verification."""

    SATISFACTORY = "satisfactory"  #: correct and consistent on all frames
    UNSATISFACTORY = "unsatisfactory"  #: well defined, but the masklet is wrong: back for refinement
    REJECT = "reject"  #: the object is not well defined


class VerdictBy(models.TextChoices):
    """Whose it is."""

    REVIEWER = "reviewer"  #: on a leased review
    SENIOR = "senior"  #: likewise, where the others differed
    OWNER = "owner"
    PREVERIFIER = "preverifier"
