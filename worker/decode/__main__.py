"""`python -m worker.decode FOLDER` lays the frames of a dataset's mp4s out."""

import argparse
import sys
from pathlib import Path

from worker.decode.lay_out import lay_out
from worker.decode.refusal import Refusal


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m worker.decode", description="Lay the frames of mp4s out."
    )
    parser.add_argument("folder", type=Path, help="where the mp4s are, in folders or not")
    parser.add_argument("--every", type=int, default=4, help="annotated frames: every so many (SA-V: 4)")
    args = parser.parse_args()
    films, refused = sorted(args.folder.rglob("*.mp4")), 0
    for number, film in enumerate(films):
        sys.stdout.write(f"{number + 1}/{len(films)} {film}\n")
        try:
            lay_out(film, every=args.every)
        except Refusal as refusal:
            refused += 1
            sys.stdout.write(f"  {refusal}\n")
    return 1 if refused or not films else 0


if __name__ == "__main__":
    sys.exit(main())
