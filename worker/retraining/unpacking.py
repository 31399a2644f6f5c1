"""Somebody's checkpoint, unpacked and checked behind walls: a ZIP or a folder with config.json and model.safetensors,
or the `.pt` of SAM 2's authors, of which nothing but tensors is taken. Who checked it writes it anew."""

from __future__ import annotations

import errno
import json
import os
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from worker.decode import walled
from worker.decode.child import lock
from worker.decode.limits import Limits

#: torch alone maps gigabytes that it does not use.
LIMITS = Limits(memory_mb=24_576, cpu_seconds=900, wall_seconds=900, max_output_bytes=4 * 1024**3)
PACKAGES = (
    "worker/__init__.py",
    "worker/retraining/__init__.py",
    "worker/retraining/unpacking.py",
    "worker/sam2",
)
#: What kind of processor this is: torch wants to know before it turns half precision into whole.
PROCESSOR = ("/proc/cpuinfo", "/sys/devices/system/cpu")
CONFIG, WEIGHTS, PROBLEMS, FACTS = "config.json", "model.safetensors", "problems.json", "facts.json"
TAKEN = "taken"  #: the folder of what is kept
CONFIG_BYTES, MEMBERS, TOLD = 2**20, 100, 50
PICKLES = (".bin", ".pt", ".pth", ".pkl", ".ckpt", ".pickle")
CODE = (
    "It holds more than tensors, which could be code, so it was not opened. Send the checkpoint as its authors "
    "publish it, or as a ZIP of config.json and model.safetensors."
)
NEITHER = (
    "This is neither a ZIP with config.json and model.safetensors, nor a .pt of SAM 2's authors. Save the model with "
    "save_pretrained and send the folder as a ZIP."
)
TOO_LARGE = "It unpacks to more than 4 GiB, which is more than any SAM 2."
MEMORY = "Reading it needs more memory than one checkpoint may use."


class Refused(Exception):
    """It is no checkpoint that can be taken: `problems` are sentences."""

    def __init__(self, *problems: str) -> None:
        super().__init__(problems[0])
        self.problems = problems


def take(source: Path, out: Path, moved: Callable[[], object], *, unsandboxed: bool) -> dict[str, int]:
    """Leave in `out / TAKEN` what `worker.sam2.checkpoint.load` takes; returns `parameters` and `image_size` (pixels).

    Raises `Refused` or `NoSandbox`.
    """
    try:
        ended = walled.run(
            __name__, {}, source, out, packages=PACKAGES, also=PROCESSOR, limits=LIMITS, moved=moved,
            unsandboxed=unsandboxed,
        )  # fmt: skip
    except walled.TooLong as error:
        raise Refused("It takes too long to read.") from error
    if (out / PROBLEMS).exists():
        raise Refused(*(str(problem)[:1000] for problem in json.loads((out / PROBLEMS).read_text())[:TOLD]))
    if ended.code != 0:
        last = ended.said.strip().rpartition("\n")[2][:200]
        raise Refused(
            MEMORY if ended.out_of_memory else f"It could not be read: {last or 'its reader ended'}."
        )
    return {name: int(value) for name, value in json.loads((out / FACTS).read_text()).items()}


# --- The child. Nothing but the standard library until the walls are up. ---


def main() -> None:
    job = json.loads(sys.argv[1])
    lock(job, Limits(**job["limits"]))
    source, out = Path(job["source"]), Path(job["out_dir"])
    os.environ["TMPDIR"] = str(out)  # of the levels, one has no other place to write
    try:
        _take(source, out)
    except Refused as refused:
        _tell(out, refused.problems)
    except MemoryError:
        _tell(out, [MEMORY])
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        _tell(out, [TOO_LARGE])
    os._exit(0)


def _tell(out: Path, problems: Sequence[str]) -> None:
    (out / PROBLEMS).write_text(json.dumps(list(problems)))


def _take(source: Path, out: Path) -> None:
    unpacked = source
    if not source.is_dir():
        unpacked = out / "unpacked"
        unpacked.mkdir()
        _unpack(source, unpacked)
    from worker.sam2 import intake

    try:
        taken = intake.take(unpacked, out / TAKEN)
    except intake.Unfit as unfit:
        raise Refused(*unfit.problems) from unfit
    facts = {"parameters": taken.parameters, "image_size": taken.image_size}
    (out / FACTS).write_text(json.dumps(facts))


def _unpack(source: Path, out: Path) -> None:
    with source.open("rb") as file:
        head = file.read(2)
    if head == b"\x80\x02":
        raise Refused(
            "This is a pickle of an old PyTorch, which can hold code. Save it again with a newer one."
        )
    if not zipfile.is_zipfile(source):
        raise Refused(NEITHER)
    with zipfile.ZipFile(source) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        if len([name for name in names if "/data/" not in name]) > MEMBERS:
            raise Refused(f"It holds more than {MEMBERS} files.")
        if not any(name.count("/") <= 1 and name.endswith("/data.pkl") for name in names):
            _of_archive(archive, names, out)
            return
    _of_tensors(source, out)


def _of_archive(archive: zipfile.ZipFile, names: list[str], out: Path) -> None:
    pickles = [name for name in names if name.lower().endswith(PICKLES)]
    if pickles:
        raise Refused(
            f"{pickles[0]} is a pickle, which can hold code. Send config.json and model.safetensors without it."
        )
    if any(name.endswith(".safetensors.index.json") for name in names):
        raise Refused("Its weights are in several files. Save them as one model.safetensors.")
    for wanted, most, sentence in (
        (CONFIG, CONFIG_BYTES, f"{CONFIG} has more than 1 MiB."),
        (WEIGHTS, LIMITS.max_output_bytes, TOO_LARGE),
    ):
        found = [name for name in names if name.rpartition("/")[2] == wanted]
        if len(found) != 1:
            raise Refused(f"It has {'no' if not found else 'more than one'} {wanted}.")
        _copy(archive, found[0], out / wanted, most, sentence)


def _copy(archive: zipfile.ZipFile, name: str, target: Path, most: int, sentence: str) -> None:
    room = most
    try:
        with archive.open(name) as stream, target.open("wb") as file:
            while chunk := stream.read(2**20):
                room -= len(chunk)
                if room < 0:
                    raise Refused(sentence)
                file.write(chunk)
    except (zipfile.BadZipFile, RuntimeError, EOFError) as error:
        raise Refused(f"{name} cannot be unpacked: {error}.") from error


def _of_tensors(source: Path, out: Path) -> None:
    """The tensors of a `.pt`, by their names. Nothing in it is called: `weights_only` makes tensors and dicts alone."""
    import pickle

    import torch
    from safetensors.torch import save_file

    torch.set_num_threads(1)
    try:
        told: Any = torch.load(source, map_location="cpu", weights_only=True, mmap=True)
    except pickle.UnpicklingError as error:
        raise Refused(CODE) from error
    except (RuntimeError, ValueError, KeyError, TypeError, EOFError) as error:
        raise Refused(f"It cannot be read: {(str(error).strip().splitlines() or [''])[0][:200]}.") from error
    tensors = told.get("model", told) if isinstance(told, dict) else None
    if not isinstance(tensors, dict) or not tensors:
        raise Refused("It holds no tensors by name under 'model', as a SAM 2 of its authors does.")
    wrong = next((name for name, value in tensors.items() if not isinstance(value, torch.Tensor)), None)
    if wrong is not None or any(not isinstance(name, str) for name in tensors):
        raise Refused(f"{str(wrong)[:100]} is no tensor, so this is no SAM 2 of its authors.")
    save_file({name: value.detach().clone().contiguous() for name, value in tensors.items()}, out / WEIGHTS)


if __name__ == "__main__":
    main()
