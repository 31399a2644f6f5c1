"""What is in an export, whatever its format: each video, its objects and labels, and a picture with the masks drawn in.

python examples/read_an_export.py DATASET [PICTURES]
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from maskloop import load_release

COLOURS = np.array([(230, 80, 60), (60, 140, 230), (70, 190, 90), (230, 180, 40), (160, 90, 210)])


def main(dataset: Path, pictures: Path | None = None) -> None:
    release = load_release(dataset)
    print(f"{release.name}: {release.format.title}, {len(release)} videos")
    for video in release:
        print(video)
        for place, object_id in enumerate(video.object_ids):
            label = release.category(object_id, video)
            shown = [j for j in range(len(video)) if video.masks(j)[place].any()]
            told = sum(bool(video.annotated(j)[place]) for j in range(len(video)))
            print(
                f"  object {object_id} ({label.name if label else 'no label'}): on {len(shown)} of {told} frames"
            )
        if pictures:
            frame = video.frame(0).astype(float)
            for place, mask in enumerate(video.masks(0)):
                frame[mask] = 0.5 * frame[mask] + 0.5 * COLOURS[place % len(COLOURS)]
            pictures.mkdir(parents=True, exist_ok=True)
            Image.fromarray(frame.astype(np.uint8)).save(pictures / f"{video.name}.jpg")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), *map(Path, sys.argv[2:3]))
