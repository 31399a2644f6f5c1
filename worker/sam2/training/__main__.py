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
from dataclasses import replace
from pathlib import Path

import torch

from worker.render.photographs import load_photographs
from worker.render.sprites import load_sprites
from worker.sam2.training.calibration import calibrate_folder
from worker.sam2.training.footage import Mix, Rendered
from worker.sam2.training.loop import Hardware, Progress, Training
from worker.sam2.training.model import IMAGE_SIZE, existing_model, small_model
from worker.sam2.training.recipe import FULL, IN_MINUTES, IN_MINUTES_ON_A_CPU, SMALL, Stage, larger, lasting
from worker.sam2.training.stock import Stock

CALM = 0.3  # of the scenes: a large smooth object before a smooth ground
VANISHING = 0.4  # of the objects: those that are gone are what an object score learns from
OTHER_WORK = 2  # cores that make no clips: they feed the GPU
NAMES = [stage.name for stage in SMALL + IN_MINUTES]

logger = logging.getLogger(__name__)


def main() -> None:
    """Trains, or goes on training."""
    options = parse()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    hardware = Hardware(options.device, options.threads, loaders=1)
    on_gpu = hardware.torch_device().type == "cuda"
    if on_gpu:
        torch.set_float32_matmul_precision("high")
        loaders = max(1, (os.cpu_count() or 1) - OTHER_WORK)
        hardware = Hardware(options.device, options.threads, loaders=loaders)
    weights = existing_model(options.start).state_dict() if options.start else None
    mix = footage(options)
    stages = stages_of(options, on_gpu)
    stock = None
    if on_gpu:
        frames = max(stage.frames for stage in stages)
        stock = Stock(mix, IMAGE_SIZE, frames, hardware.torch_device(), hardware.loaders, seed=options.seed)
    validation = Rendered(split="validation", difficulty=(0.5, 0.5), objects=(4, 5), vanishing=0.2)
    model = Training(
        options.out,
        stages,
        mix,
        lambda size: small_model(size, weights),
        stock=stock,
        seed=options.seed,
        hardware=hardware,
        keep_every=400 if on_gpu else 200,
        warmup=30 if options.minutes else 50,
        validation=validation,
        on_progress=show,
    ).run()
    if stock is not None:
        logger.info("clips rendered: %d", stock.arrived)
        stock.close()
    if options.calibrate:
        logger.info("calibrated: %s", json.dumps(calibrate_folder(model, validation)))


def stages_of(options: argparse.Namespace, on_gpu: bool) -> tuple[Stage, ...]:
    """The recipe in steps or in minutes, from the stage that was asked for."""
    if options.minutes:
        stages = IN_MINUTES if on_gpu else IN_MINUTES_ON_A_CPU
    else:
        stages = larger(FULL if on_gpu else SMALL, clips=1, steps=options.steps)
    if options.first_stage:
        names = [stage.name for stage in stages]
        if options.first_stage not in names:
            raise SystemExit(f"The stages here are {', '.join(names)}.")
        stages = stages[names.index(options.first_stage) :]
    return lasting(stages, options.minutes) if options.minutes else stages


def footage(options: argparse.Namespace) -> Mix:
    """What training looks at: painted scenes, calm ones among them, and pictures where folders of them are given."""
    painted = Rendered(vanishing=VANISHING, calm=CALM)
    mix: Mix = [(painted, 2.0)]
    sprites = tuple(load_sprites(options.sprites)) if options.sprites else ()
    photographs = tuple(load_photographs(options.photographs)) if options.photographs else ()
    if sprites or photographs:
        mix = [*mix, (replace(painted, sprites=sprites, photographs=photographs), 3.0)]
    return mix


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
    parser.add_argument(
        "--start", type=Path, help="folder of a SAM 2; what fits of its weights is taken over"
    )
    parser.add_argument("--from", dest="first_stage", choices=list(dict.fromkeys(NAMES)), help="first stage")
    parser.add_argument("--steps", type=float, default=1.0, help="share of the recipe's steps to take")
    parser.add_argument(
        "--sprites", type=Path, help="folder of pictures with alpha that some objects are made of"
    )
    parser.add_argument("--photographs", type=Path, help="folder of photographs that some scenes are made of")
    parser.add_argument("--minutes", type=float, help="that there are for all of it")
    parser.add_argument(
        "--calibrate", action="store_true", help="fit what the model says of itself to validation footage"
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
