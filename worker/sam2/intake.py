"""Somebody else's checkpoint, looked at before it is believed: its configuration, and every tensor by name, shape and
number. What is taken is written anew, so that nothing is kept that was not looked at."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from transformers import Sam2VideoConfig, Sam2VideoModel

from worker.sam2 import official

SIZES = range(128, 2049, 64)  #: pixels; as `checkpoint.SIZES`
CONFIG, WEIGHTS = "config.json", "model.safetensors"
CONFIG_BYTES = 2**20
MOST = 2 * 10**9  #: parameters; the largest official model has 0.23 · 10⁹
LARGEST = 2**16  #: any whole number that a configuration says
LONGEST = 256  #: any list
BLOCKS = 256  #: of anything that there are several of
LABELS = {"id2label", "label2id"}  #: of classifiers, which this is not
DTYPES = {"F32", "F16", "BF16"}
NAMED = 3  #: tensors that a sentence names
TABLES = (
    "prompt_encoder.shared_embedding.positional_embedding",
    "shared_image_embedding.positional_embedding",
)


class Unfit(ValueError):
    """It is no checkpoint that can be taken: `problems` are sentences."""

    def __init__(self, *problems: str) -> None:
        super().__init__(problems[0])
        self.problems = problems


@dataclass(frozen=True)
class Taken:
    parameters: int
    image_size: int  #: pixels of a side


def take(source: Path, target: Path) -> Taken:
    """Check the checkpoint in `source` and write it to `target` as `checkpoint.load` takes it, in float32.

    `source` holds model.safetensors, and config.json unless the tensors are called as SAM 2's authors call them.
    Raises `Unfit` with all that is wrong.
    """
    tensors = _tensors(source / WEIGHTS)
    if (source / CONFIG).exists():
        config = config_of((source / CONFIG).read_bytes()[: CONFIG_BYTES + 1])
    else:
        try:
            config, tensors = official.translate(tensors)
        except official.Unknown as error:
            raise Unfit(str(error)) from error
    _complete(tensors)
    if problems := [*differences(shapes_of(config), tensors), *_not_finite(tensors)]:
        raise Unfit(*problems)
    target.mkdir(parents=True, exist_ok=True)
    exact = {name: tensor.to(torch.float32).contiguous() for name, tensor in tensors.items()}
    save_file(exact, target / WEIGHTS, metadata={"format": "pt"})
    config.architectures = [Sam2VideoModel.__name__]
    config.dtype = torch.float32
    config.save_pretrained(target)
    return Taken(sum(tensor.numel() for tensor in exact.values()), cast(int, config.image_size))


def _tensors(path: Path) -> dict[str, Tensor]:
    """Of numbers that weights are held in. Raises `Unfit`."""
    try:
        with safe_open(path, "pt") as stored:
            names = list(stored.keys())
            kinds = {name: stored.get_slice(name).get_dtype() for name in names}
            wrong = [name for name in names if kinds[name] not in DTYPES]
            if wrong:
                raise Unfit(
                    f"{wrong[0]} holds numbers of kind {kinds[wrong[0]]}, not {', '.join(sorted(DTYPES))}."
                )
            if sum(math.prod(stored.get_slice(name).get_shape()) for name in names) > MOST:
                raise Unfit(f"It has more than {MOST:,} parameters, which is more than any SAM 2.")
            return {name: stored.get_tensor(name) for name in names}
    except FileNotFoundError as error:
        raise Unfit(f"It has no {WEIGHTS}.") from error
    except (SafetensorError, OSError) as error:
        raise Unfit(f"{WEIGHTS} cannot be read: {error}.") from error


def config_of(text: bytes) -> Sam2VideoConfig:
    """What a configuration says of things that ours says too, within bounds. Raises `Unfit`."""
    if len(text) > CONFIG_BYTES:
        raise Unfit(f"{CONFIG} has more than {CONFIG_BYTES // 2**20} MiB.")
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unfit(f"{CONFIG} is not JSON: {error}.") from error
    family = told.get("model_type") if isinstance(told, dict) else None
    if family != Sam2VideoConfig.model_type:
        raise Unfit(f"{CONFIG} says that it is of the family {family!r}, not {Sam2VideoConfig.model_type!r}.")
    try:
        known = _known(told, Sam2VideoConfig().to_dict(), CONFIG)
    except RecursionError as error:
        raise Unfit(f"{CONFIG} is nested too deeply.") from error
    try:
        config = Sam2VideoConfig.from_dict(known)
    except Exception as error:  # a strict configuration has its own kinds of errors
        raise Unfit(f"{CONFIG} does not describe a SAM 2: {_first_line(error)}") from error
    backbone = cast(Any, config.vision_config).backbone_config
    if config.image_size not in SIZES or sum(backbone.blocks_per_stage) > BLOCKS:
        raise Unfit(
            f"{CONFIG} says {config.image_size} pixels and {sum(backbone.blocks_per_stage)} blocks; known are "
            f"{SIZES[0]} to {SIZES[-1]} pixels in steps of {SIZES.step}, and up to {BLOCKS} blocks."
        )
    return config


def _known(told: Mapping[str, Any], usual: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The part of `told` that has a place in `usual`. Raises `Unfit` where it is of another kind."""
    kept = {}
    for name, value in told.items():
        if name not in usual or name in LABELS:
            continue
        place, ours = f"{where}: {name}", usual[name]
        if isinstance(ours, dict) and isinstance(value, dict):
            kept[name] = _known(value, ours, place)
        elif name == "model_type" and value != ours:
            raise Unfit(f"{place} is {value!r}, not {ours!r}.")
        elif _is_plain(value, BLOCKS if "num_" in name or "depth" in name else LARGEST):
            kept[name] = value
        else:
            raise Unfit(f"{place} is nothing that a configuration says.")
    return kept


def _is_plain(value: Any, most: int) -> bool:
    """A truth, a word, a number up to `most`, or a list of such."""
    if isinstance(value, list):
        return len(value) <= LONGEST and all(_is_plain(each, most) for each in value)
    if isinstance(value, str):
        return len(value) <= LONGEST
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) <= most)


def shapes_of(config: Sam2VideoConfig) -> dict[str, tuple[int, ...]]:
    """What a model of this configuration consists of; nothing of it is made. Raises `Unfit`."""
    try:
        with torch.device("meta"):
            model = Sam2VideoModel(config)
    except Exception as error:  # whatever a layer says to widths that do not fit each other
        raise Unfit(f"{CONFIG} describes no SAM 2 that could be built: {_first_line(error)}") from error
    return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}


def differences(wanted: Mapping[str, tuple[int, ...]], tensors: Mapping[str, Tensor]) -> list[str]:
    """Sentences on what is missing, too much, or of another shape."""
    missing = sorted(wanted.keys() - tensors.keys())
    unexpected = sorted(tensors.keys() - wanted.keys())
    other = [
        f"{name} is {_shape(tensors[name].shape)}, not {_shape(shape)}"
        for name, shape in wanted.items()
        if name in tensors and tuple(tensors[name].shape) != shape
    ]
    return [
        *_sentence(missing, "{} of its tensors are missing: {}."),
        *_sentence(unexpected, "{} tensors have no place in a SAM 2: {}."),
        *_sentence(other, "{} tensors have another shape: {}."),
    ]


def _not_finite(tensors: Mapping[str, Tensor]) -> list[str]:
    wrong = [name for name, tensor in tensors.items() if not bool(torch.isfinite(tensor).all())]
    return _sentence(wrong, "{} tensors hold what is no number (NaN or infinite): {}.")


def _sentence(names: list[str], words: str) -> list[str]:
    if not names:
        return []
    more = f" and {len(names) - NAMED} others" if len(names) > NAMED else ""
    return [words.format(len(names), ", ".join(names[:NAMED]) + more)]


def _shape(shape: Any) -> str:
    return "×".join(map(str, shape)) or "a single number"


def _complete(tensors: dict[str, Tensor]) -> None:
    """Older versions of transformers wrote the table of places once, for both who use it."""
    here, there = TABLES
    for one, other in ((here, there), (there, here)):
        if one in tensors and other not in tensors:
            tensors[other] = tensors[one].clone()


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
