"""All figures of the benchmark, as a table, as plots, and as they are printed in the end."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.effort import plots as pictures, results as r
from benchmarks.effort.clock import T_CLICK
from benchmarks.effort.results import Result

PHASES = (1, 2, 3)
INTERACTIVE = ("offline", "online")
#: SAM 2 paper, Table 1.
PAPER = {
    "seconds_per_frame": (37.8, 7.4, 4.5),
    "edited_frames": (1.0, 0.2325, 0.1904),
    "clicks_per_clicked_frame": (4.80, 3.61, 2.68),
    "alignment_all": (None, 0.864, 0.891),
    "alignment_small": (None, 0.713, 0.728),
    "alignment_medium": (None, 0.804, 0.818),
    "alignment_large": (None, 0.979, 1.0),
}
SUMMARY = (
    "speedup_3_over_1",
    "speedup_3_over_2",
    "speedup_3_over_1_cheap_strokes",
    "speedup_3_over_2_cheap_strokes",
    "speedup_3_over_1_only_anew",
    "speedup_3_over_2_only_anew",
    "look_here_time_ratio",
    "jf_look_here",
    "seconds_per_frame_look_here",
    "offline_jf_mean",
    "online_jf_mean",
    "click_iou_before",
    "click_iou_after",
    "objects",
    "videos",
    "minutes",
)


def figures(results: Sequence[Result]) -> dict[str, Any]:
    """What docs/effort-benchmark.md lists, in 0-1, seconds and counts; None where nothing was measured."""
    names = {result.strategy for result in results}
    by_strategy = {name: [result for result in results if result.strategy == name] for name in names}
    found: dict[str, Any] = {"objects": len(by_strategy["phase_1"])}
    for phase in PHASES:
        found |= of_phase(phase, by_strategy[f"phase_{phase}"], by_strategy["phase_1"])
    found |= speedups(by_strategy)
    for name in INTERACTIVE:
        found |= {
            f"{name}_jf": r.curve(by_strategy[name], lambda m: m.jf),
            f"{name}_seconds": r.curve(by_strategy[name], lambda m: m.seconds),
        }
        found[f"{name}_jf_mean"] = float(np.mean(found[f"{name}_jf"]))
    for name in ("look_here", "phase_3"):
        found |= {
            f"{name}_curve_jf": r.curve(by_strategy[name], lambda m: m.jf),
            f"{name}_curve_seconds": r.curve(by_strategy[name], lambda m: m.seconds),
        }
    found["click_iou_before"], found["click_iou_after"] = r.refined(by_strategy["phase_3"]) or (None, None)
    found |= {
        "jf_look_here": r.jf(by_strategy["look_here"]),
        "seconds_per_frame_look_here": r.seconds_per_frame(by_strategy["look_here"]),
        "look_here_time_ratio": r.time_ratio(by_strategy["look_here"], by_strategy["phase_3"]),
    }
    return found


def of_phase(phase: int, results: Sequence[Result], reference: Sequence[Result]) -> dict[str, Any]:
    found: dict[str, Any] = {
        f"seconds_per_frame_{phase}": r.seconds_per_frame(results),
        f"edited_frames_{phase}": r.edited_share(results),
        f"clicks_per_clicked_frame_{phase}": r.clicks_per_clicked_frame(results),
        f"strokes_per_frame_{phase}": r.strokes_per_frame(results),
        f"jf_{phase}": r.jf(results),
    }
    if phase > 1:
        found |= {
            f"alignment_{phase}_{size}": share for size, share in r.alignment(results, reference).items()
        }
    return found


def speedups(by_strategy: Mapping[str, Sequence[Result]]) -> dict[str, float]:
    """Of phase 3: as it is, if a stroke took no longer than a click, and if only masks that changed were looked at
    again."""
    found: dict[str, float] = {}
    variants: dict[str, dict[str, Any]] = {
        "": {},
        "_cheap_strokes": {"stroke": T_CLICK},
        "_only_anew": {"only_anew": True},
    }
    for name, model in variants.items():
        seconds = {phase: r.seconds_per_frame(by_strategy[f"phase_{phase}"], **model) for phase in PHASES}
        found |= {f"speedup_3_over_{phase}{name}": seconds[phase] / seconds[3] for phase in (1, 2)}
    return found


def table(found: Mapping[str, Any]) -> str:
    """The paper's Table 1 beside ours, and the rest of what counts."""
    lines = [f"{'':26}" + "".join(f"{f'phase {phase} (paper)':>22}" for phase in PHASES)]
    for name, paper in PAPER.items():
        lines.append(f"{name:26}" + "".join(_cell(_value(found, name, p), paper[p - 1]) for p in PHASES))
    more = ("strokes_per_frame", "jf")
    lines += [f"{name:26}" + "".join(_cell(_value(found, name, p), None) for p in PHASES) for name in more]
    lines += ["", *(f"{name:34}{_number(found[name])}" for name in SUMMARY)]
    for name in INTERACTIVE:
        points = zip(found[f"{name}_jf"], found[f"{name}_seconds"], strict=True)
        lines.append(
            f"{name}: J&F after frames 1, 2, …  " + "  ".join(f"{jf:.3f} ({s:.0f} s)" for jf, s in points)
        )
    return "\n".join(["", *lines, ""])


def plots(found: Mapping[str, Any], folder: Path) -> None:
    """J&F against prompted frames, and against time."""
    by_frames = {name: (range(1, len(found[f"{name}_jf"]) + 1), found[f"{name}_jf"]) for name in INTERACTIVE}
    by_time = {name: (found[f"{name}_seconds"], found[f"{name}_jf"]) for name in INTERACTIVE}
    for title, name in (("all frames looked at", "phase_3"), ("look here", "look_here")):
        by_time[title] = (found[f"{name}_curve_seconds"], found[f"{name}_curve_jf"])
    pictures.draw(folder / "jf-by-frames.svg", by_frames, x="frames with three clicks", y="J&F")
    pictures.draw(folder / "jf-by-time.svg", by_time, x="seconds of the annotator", y="J&F")


def of_object(result: Result) -> dict[str, Any]:
    """One object by one strategy, for those who want to look closer."""
    effort = result.effort
    return {
        "strategy": result.strategy,
        "object": result.number,
        "looked": effort.looked,
        "clicks": dict(effort.clicks),
        "strokes": dict(effort.strokes),
        "absent": sorted(effort.absent),
        "moments": [rounded(asdict(moment)) for moment in result.moments],
    }


def rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, Mapping):
        return {name: rounded(part) for name, part in value.items()}
    return [rounded(part) for part in value] if isinstance(value, list) else value


def _value(found: Mapping[str, Any], name: str, phase: int) -> Any:
    group, _, size = name.partition("_") if name.startswith("alignment") else (name, "", "")
    return found.get(f"{group}_{phase}_{size}" if size else f"{group}_{phase}")


def _cell(ours: float | None, paper: float | None) -> str:
    return f"{_number(ours) + (f' ({_number(paper)})' if paper is not None else ''):>22}"


def _number(value: Any) -> str:
    return "–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
