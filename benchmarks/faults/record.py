"""What people were told, kept by themselves: the server's word is checked against it."""

import threading
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Record:
    """Everything that was acknowledged, and what was seen to be wrong on the spot."""

    objects: dict[int, str] = field(default_factory=dict)  #: masklet → label
    prompts: dict[int, tuple[int, float]] = field(default_factory=dict)  #: prompt → masklet, x
    submits: list[int] = field(default_factory=list)  #: masklets
    verdicts: dict[int, int] = field(default_factory=dict)  #: verdict → masklet
    uploads: dict[int, str] = field(default_factory=dict)  #: video → SHA-256 of what was sent
    shown: int = 0  #: masks
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    recoveries: dict[str, float] = field(default_factory=dict)
    refusals: Counter[str] = field(default_factory=Counter)  #: answers that were no success, by their code
    lock: threading.Lock = field(default_factory=threading.Lock)

    def told(self) -> dict[str, int]:
        return {
            "objects": len(self.objects),
            "prompts": len(self.prompts),
            "submits": len(self.submits),
            "verdicts": len(self.verdicts),
            "uploads": len(self.uploads),
            "masks_shown": self.shown,
        }
