"""What SA-V's paper tells of its masklets, for any set of them: sizes, visibility, disappearance, edits, durations.

Pure functions. `measure` looks at one masklet, `Summary` adds up many without keeping them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby

from vos import rle
from vos.metrics import size_of
from vos.rle import Rle

#: Edges of bars: the first bar ends below the first, the last begins at the last.
AREA_EDGES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)  #: shares of the frame
DURATION_EDGES = (2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0)  #: seconds
EDITED_EDGES = (0.01, 0.05, 0.1, 0.2, 0.5)  #: shares of the annotated frames
MOST_CHANGES = 10  #: visibility changes that have a bar of their own


@dataclass(frozen=True)
class Measures:
    """Of one masklet."""

    frames: int  #: annotated ones
    visible: int  #: of these, where it is seen
    area: float  #: mean pixels where it is seen
    share: float  #: the same, of the frame, 0..1
    size: str  #: of the mean area: small, medium, large
    changes: int  #: how often it vanishes or comes back after it first appeared
    reappears: bool  #: it vanished and came back
    edited: int  #: frames that people prompted or painted


def measure(masks: Mapping[int, Rle], *, height: int, width: int, edited: Sequence[int]) -> Measures:
    """Figures of a masklet's masks by frame_idx. What nobody annotated counts as nothing, not as absence."""
    areas = rle.areas([masks[j] for j in sorted(masks)])
    seen = [area for area in areas if area]
    mean = sum(seen) / len(seen) if seen else 0.0
    spells = [visible for visible, _ in groupby(bool(area) for area in areas)]
    if spells and not spells[0]:
        spells = spells[1:]  # before it first appears it has not vanished
    return Measures(
        frames=len(areas),
        visible=len(seen),
        area=mean,
        share=mean / (height * width),
        size=size_of(mean) if seen else "never visible",
        changes=max(len(spells) - 1, 0),
        reappears=len(spells) >= 3,
        edited=len(edited),
    )


@dataclass(frozen=True)
class Statistics:
    """Of many masklets and their videos; shares are 0..1. Bars have one edge less than there are bars."""

    masklets: int
    masks: int  #: that show something
    annotated: int  #: frames times objects that somebody looked at
    disappearance_rate: float  #: of masklets that vanish and come back
    edited_frames: int
    edited_share: float | None  #: mean over manual masklets
    by_source: dict[str, int]
    by_phase: dict[str, int]
    by_label: dict[str, int]
    by_size: dict[str, int]
    changes: list[int]
    area_edges: list[float]
    areas: list[int]
    edited_edges: list[float]
    edited: list[int]
    videos: int
    seconds: float
    frames: int  #: annotated ones
    by_split: dict[str, int]
    by_environment: dict[str, int]
    durations: list[int]
    duration_edges: list[float]


@dataclass
class Summary:
    """Figures of many masklets, one after the other; `told` are all of them."""

    masklets: int = 0
    masks: int = 0  #: that show something
    annotated: int = 0  #: frames times objects that somebody looked at
    reappearing: int = 0
    edited: int = 0
    edited_share: float = 0.0  #: summed over manual masklets
    manual: int = 0
    sources: Counter[str] = field(default_factory=Counter)
    phases: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    sizes: Counter[str] = field(default_factory=Counter)
    changes: list[int] = field(default_factory=lambda: [0] * (MOST_CHANGES + 1))
    shares: list[int] = field(default_factory=lambda: [0] * (len(AREA_EDGES) + 1))
    edits: list[int] = field(default_factory=lambda: [0] * (len(EDITED_EDGES) + 1))

    def add(self, measures: Measures, *, source: str, phase: int, label: str) -> None:
        self.masklets += 1
        self.masks += measures.visible
        self.annotated += measures.frames
        self.reappearing += measures.reappears
        self.edited += measures.edited
        self.sources[source] += 1
        self.phases[str(phase)] += 1
        self.labels[label] += 1
        self.sizes[measures.size] += 1
        self.changes[min(measures.changes, MOST_CHANGES)] += 1
        self.shares[bisect_right(AREA_EDGES, measures.share)] += 1
        if source == "manual" and measures.frames:
            share = measures.edited / measures.frames
            self.manual += 1
            self.edited_share += share
            self.edits[bisect_right(EDITED_EDGES, share)] += 1

    def told(self, videos: VideoSummary) -> Statistics:
        """So far."""
        return Statistics(
            masklets=self.masklets,
            masks=self.masks,
            annotated=self.annotated,
            disappearance_rate=self.reappearing / self.masklets if self.masklets else 0.0,
            edited_frames=self.edited,
            edited_share=self.edited_share / self.manual if self.manual else None,
            by_source=dict(sorted(self.sources.items())),
            by_phase=dict(sorted(self.phases.items())),
            by_label=dict(self.labels.most_common()),
            by_size=dict(sorted(self.sizes.items())),
            changes=self.changes,
            area_edges=list(AREA_EDGES),
            areas=self.shares,
            edited_edges=list(EDITED_EDGES),
            edited=self.edits,
            duration_edges=list(DURATION_EDGES),
            **asdict(videos),
        )


@dataclass
class VideoSummary:
    videos: int = 0
    seconds: float = 0.0
    frames: int = 0  #: annotated ones
    by_split: dict[str, int] = field(default_factory=dict)
    by_environment: dict[str, int] = field(default_factory=dict)
    durations: list[int] = field(default_factory=lambda: [0] * (len(DURATION_EDGES) + 1))

    def add(self, *, seconds: float, frames: int, split: str, environment: str) -> None:
        self.videos += 1
        self.seconds += seconds
        self.frames += frames
        self.by_split[split] = self.by_split.get(split, 0) + 1
        self.by_environment[environment] = self.by_environment.get(environment, 0) + 1
        self.durations[bisect_right(DURATION_EDGES, seconds)] += 1
