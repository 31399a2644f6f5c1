"""What a checkpoint can do on clips that nobody annotates: of the new look, and of the old one."""

from dataclasses import asdict
from typing import Any

import torch

from benchmarks.loop import footage
from benchmarks.loop.footage import NEW_LOOK, Size
from worker.sam2.evaluation import ObjectFigures, evaluate


def measure(folder: str, size: Size, clips: int) -> dict[str, Any]:
    """J&F from one click and from a mask, recalls, in 0..1; a simulated annotator's seconds a frame."""
    torch.set_num_threads(2)
    rows: list[dict[str, Any]] = []

    def keep(clip: int, number: int, found: ObjectFigures) -> None:
        rows.append(asdict(found))

    new = evaluate(
        folder, footage.test_clips(clips, size, NEW_LOOK), device="cpu", on_object=keep, closely=True
    )
    old = evaluate(folder, footage.test_clips(clips, size, "painted"), device="cpu")
    return {
        "new_jf_1_click": new.jf_1_click,
        "new_jf_mask": new.jf_mask,
        "new_absent_recall": new.absent_recall,
        "seconds_per_frame_simulated": sum(row["seconds"] for row in rows)
        / sum(row["frames"] for row in rows),
        "reached": sum(row["reached"] for row in rows) / len(rows),
        "old_jf_mask": old.jf_mask,
        "old_absent_recall": old.absent_recall,
        "old_present_recall": old.present_recall,
    }
