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
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from worker.render.photographs import load_photographs
from worker.render.sprites import load_sprites
from worker.sam2.training.calibration import calibrate_folder
from worker.sam2.training.footage import Footage, Rendered
from worker.sam2.training.loop import Hardware, Progress, Training
from worker.sam2.training.model import existing_model, small_model
from worker.sam2.training.recipe import FULL, IN_MINUTES, IN_MINUTES_ON_A_CPU, SMALL, Stage, larger

CALM = 0.3  # of the scenes: a large smooth object before a smooth ground
PROBE_STEPS = 18  # that are timed to know how many fit into some minutes
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
    mix = footage(options)
    validation = Rendered(split="validation", difficulty=(0.5, 0.5), objects=(4, 5), vanishing=0.2)
    train = partial(
        Training,
        mix=mix,
        model_at=lambda size: small_model(size, weights if options.start else None),
        seed=options.seed,
        hardware=hardware,
    )
    stages = larger(stages, clips=1, steps=options.steps)
    if options.minutes:
        stage = IN_MINUTES if on_gpu else IN_MINUTES_ON_A_CPU
        stages = (in_minutes(stage, options.minutes, options.out, train),)
    model = train(options.out, stages, validation=validation, on_progress=show).run()
    logger.info("calibrated: %s", json.dumps(calibrate_folder(model, validation)))


def footage(options: argparse.Namespace) -> list[tuple[Footage, float]]:
    """What training looks at: painted scenes, calm ones among them, and pictures where folders of them are given."""
    painted = Rendered(vanishing=VANISHING, calm=CALM)
    mix: list[tuple[Footage, float]] = [(painted, 2.0)]
    sprites = tuple(load_sprites(options.sprites)) if options.sprites else ()
    photographs = tuple(load_photographs(options.photographs)) if options.photographs else ()
    if sprites or photographs:
        mix.append((replace(painted, sprites=sprites, photographs=photographs), 2.0))
    return mix


def in_minutes(stage: Stage, minutes: float, out: Path, train: Callable[..., Training]) -> Stage:
    """The stage for a machine that is there for some minutes, as long as a few measured steps say that it may be."""
    moments: list[float] = []
    probe = replace(stage, steps=PROBE_STEPS)
    began = time.monotonic()
    train(out / "probe", (probe,), on_progress=lambda _: moments.append(time.monotonic())).run()
    seconds = (moments[-2] - moments[PROBE_STEPS // 3]) / (PROBE_STEPS - 2 - PROBE_STEPS // 3)
    left = 60 * minutes - (time.monotonic() - began)
    steps = max(1, int(0.92 * left / seconds))  # the rest is for what is kept and validated
    logger.info("%.3f s a step: %d steps in %.0f s", seconds, steps, left)
    return replace(stage, steps=steps)


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
    parser.add_argument("--photographs", type=Path, help="folder of photographs that some scenes are made of")
    parser.add_argument("--minutes", type=float, help="that there are: one stage, as long as fits")
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
