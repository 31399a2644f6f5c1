"""One click on the first frame of a folder of pictures becomes a mask on every frame, without a server.

python examples/track_a_folder.py FRAMES X Y MASKS
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from worker.sam2 import checkpoint
from worker.sam2.tracker import FramePrompt, Tracker


class Pictures:
    """A folder's pictures in the order of their names, each opened when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.paths = sorted(path for path in folder.iterdir() if path.suffix in {".jpg", ".png"})

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, idx: int) -> np.ndarray:
        return np.asarray(Image.open(self.paths[idx]).convert("RGB"))


def main(frames: Path, x: float, y: float, masks: Path) -> None:
    pictures = Pictures(frames)
    tracker = Tracker(checkpoint.load())  # or load("facebook/sam2.1-hiera-tiny")
    click = FramePrompt(0, points=[(x, y)], labels=[1])
    masks.mkdir(parents=True, exist_ok=True)
    for found in tracker.propagate(pictures, [click], order=range(len(pictures))):
        path = masks / f"{pictures.paths[found.frame_idx].stem}.png"
        Image.fromarray(found.mask.astype(np.uint8) * 255).save(path)
        print(f"{path.name}: {int(found.mask.sum())} pixels, IoU about {found.predicted_iou:.2f}")


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4]))
