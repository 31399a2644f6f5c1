"""Makes the small SAM 2 that comes with Maskloop.

    python -m worker.sam2.training --out FOLDER                                     # from nothing
    python -m worker.sam2.training --out FOLDER --start MODEL --from "eight frames"  # from weights that are there

A run that was stopped goes on with the same command.
"""

import argparse
import json
import logging
import os
import sys
from pathlib import Path

from worker.render.sprites import load_sprites
from worker.sam2.training.calibration import calibrate_folder
from worker.sam2.training.footage import Footage, Rendered
from worker.sam2.training.loop import Hardware, Progress, Training
from worker.sam2.training.model import existing_model, small_model
from worker.sam2.training.recipe import FULL, SMALL, larger

VANISHING = 0.4  # of the objects: those that are gone are what an object score learns from

logger = logging.getLogger(__name__)


def main() -> None:
    """Trains, or goes on training."""
    options = parse()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    hardware = Hardware(options.device, options.threads, loaders=1)
    on_gpu = hardware.torch_device().type == "cuda"
    if on_gpu:
        hardware = Hardware(options.device, options.threads, loaders=min(16, os.cpu_count() or 1))
    stages = FULL if on_gpu else SMALL
    names = [stage.name for stage in stages]
    if options.first_stage:
        stages = stages[names.index(options.first_stage) :]
    if options.start:
        weights = existing_model(options.start).state_dict()
    mix: list[tuple[Footage, float]] = [(Rendered(vanishing=VANISHING), 2.0)]
    if options.sprites:
        sprites = tuple(load_sprites(options.sprites))
        mix.append((Rendered(vanishing=VANISHING, sprites=sprites), 1.0))
    validation = Rendered(split="validation", difficulty=(0.5, 0.5), objects=(4, 5), vanishing=0.2)
    model = Training(
        options.out,
        larger(stages, clips=1, steps=options.steps),
        mix,
        lambda size: small_model(size, weights if options.start else None),
        seed=options.seed,
        hardware=hardware,
        validation=validation,
        on_progress=show,
    ).run()
    logger.info("calibrated: %s", json.dumps(calibrate_folder(model, validation)))


def parse() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(
        prog="python -m worker.sam2.training",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for the log, the curves and the model"
    )
    parser.add_argument("--start", type=Path, help="folder of a small SAM 2 to go on from")
    parser.add_argument(
        "--from", dest="first_stage", choices=[stage.name for stage in SMALL], help="first stage"
    )
    parser.add_argument("--steps", type=float, default=1.0, help="share of the recipe's steps to take")
    parser.add_argument(
        "--sprites", type=Path, help="folder of pictures with alpha that some objects are made of"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, help="of PyTorch; by default its own choice")
    return parser.parse_args()


def show(progress: Progress) -> None:
    """One line that renews itself."""
    if sys.stderr.isatty() and progress.seconds_left is not None:
        minutes = progress.seconds_left / 60
        sys.stderr.write(f"\rstep {progress.step} of {progress.steps}, {minutes:.0f} minutes left ")


if __name__ == "__main__":
    main()
