"""A checkpoint from elsewhere becomes a candidate, or is refused whole; the child behind its walls is a real one."""

import io
import pickle
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

import huggingface_hub.constants
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import Sam2VideoModel

from engine import storage
from engine.errors import GateRefuses
from engine.models import AuditEntry, Checkpoint, CheckpointImport, CheckpointStatus, Run, RunStatus
from engine.services import checkpoint_imports, checkpoints, imports, ingest, retraining, runs
from tests import factories
from tests.worker.sam2 import official_names
from worker.inference import trackers, weights
from worker.retraining import unpacking
from worker.retraining.import_weights import import_weights
from worker.runs import Cancelled, Work, perform
from worker.sam2 import official


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, settings: Any) -> None:
    settings.CACHE = tmp_path / "cache"
    settings.DEVICE = "cpu"
    trackers._load.cache_clear()


def brought(team: factories.Team, content: bytes, file: str = "weights.zip") -> tuple[CheckpointImport, Run]:
    """Announced, uploaded and read."""
    row = checkpoint_imports.begin(
        actor=team.owner, project=team.project, name="theirs", file=file, size=len(content)
    )
    storage.put(row.source_key, content, content_type="application/octet-stream")
    ingest.complete_upload(actor=team.owner, upload=row.upload, parts=[])  # type: ignore[attr-defined]
    return read(row)


def named(team: factories.Team, location: str) -> tuple[CheckpointImport, Run]:
    return read(
        checkpoint_imports.begin(actor=team.owner, project=team.project, name="theirs", location=location)
    )


def read(row: CheckpointImport) -> tuple[CheckpointImport, Run]:
    run = Run.objects.filter(checkpoint_import=row).latest("id")
    perform(run.pk, import_weights)
    run.refresh_from_db()
    row.refresh_from_db()
    return row, run


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return buffer.getvalue()


def folder_as_zip(folder: Path, below: str = "") -> bytes:
    return zipped({below + path.name: path.read_bytes() for path in folder.iterdir()})


def torch_file(content: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def test_an_archive_becomes_a_candidate_that_can_be_vouched_for(
    team: factories.Team, tiny_checkpoint_folder: Path
) -> None:
    row, run = brought(team, folder_as_zip(tiny_checkpoint_folder, "my-sam2/"))
    assert (row.status, row.problems, run.error_message) == ("done", [], "")
    made = row.checkpoint
    assert made is not None
    assert (made.status, made.name, made.run) == (CheckpointStatus.CANDIDATE, "theirs", None)
    assert run.result["checkpoint"] == made.pk
    stored = Path(trackers.folder(made.location))
    wanted = load_file(tiny_checkpoint_folder / "model.safetensors")
    found = load_file(stored / "model.safetensors")
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)
    assert made.bytes == sum(path.stat().st_size for path in stored.iterdir())
    assert storage.size_of(row.source_key) is None, "the file is not kept twice"
    assert AuditEntry.objects.get(kind="checkpoint_imported").after["came_from"] == "weights.zip"
    assert made.pk in {base.checkpoint for base in retraining.bases(team.project)}
    with pytest.raises(GateRefuses, match="Say why"):
        checkpoints.promote(actor=team.owner, checkpoint=made)
    checkpoints.promote(actor=team.owner, checkpoint=made, reason="known to be good")
    assert checkpoints.active(team.project.pk) == made
    assert trackers.of_project(team.project.pk).checkpoint.image_size == 128


def test_the_authors_own_file_is_converted(team: factories.Team) -> None:
    """The smallest of their models, with random weights of half the digits."""
    config = official.config_of(
        {
            official.PATCHES: torch.zeros(96, 3, 7, 7),
            **{f"image_encoder.trunk.blocks.{n}.norm1.bias": torch.zeros(1) for n in range(12)},
            "no_obj_embed_spatial": torch.zeros(1),
            "obj_ptr_tpos_proj.weight": torch.zeros(1),
        }
    )
    torch.manual_seed(0)
    ours = {name: tensor.half() for name, tensor in Sam2VideoModel(config).state_dict().items()}
    theirs = {name: ours[known] for name, known in official_names.pairs([1, 2, 7, 2])}
    points = ours["prompt_encoder.point_embed.weight"]
    theirs |= {name: points[n : n + 1].clone() for n, name in enumerate(official_names.points())}
    row, run = brought(team, torch_file({"model": theirs}), "sam2.1_hiera_tiny.pt")
    assert (row.status, row.problems, run.error_message) == ("done", [], "")
    assert row.checkpoint is not None
    found = load_file(Path(weights.local(row.checkpoint.location)) / "model.safetensors")
    assert found.keys() == ours.keys()
    for name in ours:
        other = "prompt_encoder.shared_embedding.positional_embedding" if "shared_image" in name else name
        assert torch.equal(found[name], ours[other].float()), name
    assert run.result == {
        "checkpoint": row.checkpoint.pk,
        "image_size": 1024,
        "parameters": sum(tensor.numel() for tensor in ours.values()),
    }


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return exec, ("open('/tmp/pwned', 'w')",)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"hello, this is text", "neither a ZIP"),
        (pickle.dumps({"model": {}}, protocol=2), "pickle of an old PyTorch"),
        (torch_file({"model": {"a": Evil()}}), "more than tensors, which could be code"),
        (torch_file({"model": {"a": 3}}), "a is no tensor"),
        (torch_file([torch.zeros(3)]), "no tensors by name under 'model'"),
        (torch_file({"model": {"conv1.weight": torch.zeros(3)}}), "no tensor image_encoder"),
        (zipped({"config.json": b"{}", "pytorch_model.bin": b"x"}), r"pytorch_model\.bin is a pickle"),
        (zipped({"config.json": b"{}"}), r"no model\.safetensors"),
        (zipped({"a/config.json": b"{}", "b/config.json": b"{}"}), r"more than one config\.json"),
        (zipped({"model.safetensors.index.json": b"{}", "config.json": b"{}"}), "in several files"),
        (zipped({"config.json": b" " * (2**20 + 1), "model.safetensors": b""}), "more than 1 MiB"),
        (zipped({f"{n}.txt": b"" for n in range(101)}), "more than 100 files"),
    ],
    ids=str,
)
def test_what_is_no_checkpoint_is_refused_and_leaves_nothing(
    team: factories.Team, content: bytes, sentence: str
) -> None:
    before = Checkpoint.objects.count()
    row, run = brought(team, content)
    assert (row.status, run.status, run.error_code) == ("refused", RunStatus.FAILED, "checkpoint_refused")
    (problem,) = row.problems
    assert re.search(sentence, problem), problem
    assert Checkpoint.objects.count() == before
    assert not list(storage.listing(f"{row.prefix}/")), "nothing of it is kept"
    assert not Path("/tmp/pwned").exists()


def test_an_archive_that_unpacks_to_too_much_is_refused(
    team: factories.Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "LIMITS", unpacking.Limits(memory_mb=4096, max_output_bytes=2**20))
    row, _ = brought(team, zipped({"config.json": b"{}", "model.safetensors": bytes(2**23)}))
    assert row.problems == [unpacking.TOO_LARGE]


def test_what_takes_too_long_is_refused(team: factories.Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "LIMITS", unpacking.Limits(wall_seconds=0.0))
    row, _ = brought(team, zipped({"config.json": b"{}"}))
    assert row.problems == ["It takes too long to read."]


def test_all_that_does_not_fit_is_told(
    team: factories.Team, tiny_checkpoint_folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(tiny_checkpoint_folder, tmp_path / "theirs")
    tensors = load_file(tmp_path / "theirs" / "model.safetensors")
    tensors["mask_downsample.bias"] = torch.full((1,), float("nan"))
    del tensors["no_memory_embedding"]
    save_file(tensors, tmp_path / "theirs" / "model.safetensors")
    row, run = brought(team, folder_as_zip(tmp_path / "theirs"))
    assert row.problem_count == 2
    assert row.problems == [
        "1 of its tensors are missing: no_memory_embedding.",
        "1 tensors hold what is no number (NaN or infinite): mask_downsample.bias.",
    ]
    assert run.error_message.startswith("Nothing was taken. 1 of its tensors are missing")


def test_one_that_is_stopped_on_the_way_leaves_nothing_and_can_go_on(
    team: factories.Team, tiny_checkpoint: str
) -> None:
    row = checkpoint_imports.begin(
        actor=team.owner, project=team.project, name="theirs", location=tiny_checkpoint
    )
    run = Run.objects.get(checkpoint_import=row)
    work = Work(runs.take(run.pk, worker="here") or run)
    runs.cancel(work.run, actor=team.owner)
    work.look()
    with pytest.raises(Cancelled):
        import_weights(work)
    runs.record_cancelled(work.run)
    assert not list(storage.listing(f"{row.prefix}/"))
    checkpoint_imports.again(actor=team.owner, row=row)
    assert read(row)[0].status == "done"


def test_a_folder_that_the_installation_allows_is_brought_in(
    team: factories.Team, tiny_checkpoint: str
) -> None:
    row, run = named(team, tiny_checkpoint)
    assert (row.status, run.error_message) == ("done", "")
    assert row.checkpoint is not None
    assert row.checkpoint.location.startswith(f"s3:{row.prefix}/")


def test_a_model_of_the_hub_is_brought_in_by_name(
    team: factories.Team,
    tiny_checkpoint_folder: Path,
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As an earlier download left it: the hub itself is not asked."""
    settings.CHECKPOINTS = ["facebook/sam2.1-hiera-tiny", "facebook/not-here"]
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    place, commit = tmp_path / "hub" / "models--facebook--sam2.1-hiera-tiny", "a" * 40
    (place / "refs").mkdir(parents=True)
    (place / "refs" / "main").write_text(commit)
    (place / "snapshots").mkdir()
    (place / "snapshots" / commit).symlink_to(tiny_checkpoint_folder)
    row, run = named(team, "facebook/sam2.1-hiera-tiny")
    assert (row.status, run.error_message) == ("done", "")
    row, run = named(team, "facebook/not-here")
    assert (row.status, run.status, run.error_code) == ("reading", RunStatus.FAILED, "checkpoint_unreachable")
    checkpoint_imports.again(actor=team.owner, row=row)
    assert read(row)[1].error_code == "checkpoint_unreachable"
    imports.remove(actor=team.owner, row=row)
    assert not CheckpointImport.objects.filter(pk=row.pk).exists()
