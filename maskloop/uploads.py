"""A file in parts straight to the object store; what was sent before a break is not sent again."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from maskloop import state
from maskloop.http import Http, Refused, with_tries

PARTS_AT_ONCE = 4
LINKS_AT_ONCE = 50
END = 2**20  #: bytes of a file's beginning and end that it is known by
#: What a folder is searched for: what the server takes as a video.
SUFFIXES = {
    ".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts", ".zip", ".gif",
}  # fmt: skip

OnBytes = Callable[[int], object]  #: called with bytes that have gone


def _nobody(count: int) -> None:
    """Whom nobody tells."""


def files_in(path: str | Path) -> list[Path]:
    """The videos in a folder and below, sorted; the file itself where it is one."""
    path = Path(path)
    if path.is_file():
        return [path]
    found = [each for each in path.rglob("*") if each.is_file() and each.suffix.lower() in SUFFIXES]
    return sorted(each for each in found if not each.name.startswith("."))


def upload_video(
    http: Http, project: int, path: Path, on_bytes: OnBytes = _nobody, *, again: bool = False
) -> dict[str, Any]:
    """The video that it became (still being laid on the timeline). Raises Refused, `already_here`, for a file that the
    project has, unless it is meant to come `again`."""
    told = {"fingerprint": fingerprint(path), "again": again}
    return _upload(http, f"/api/projects/{project}/uploads/", told, path, on_bytes)


def fingerprint(path: Path) -> str:
    """SHA-256 of the size in decimal digits, the first MiB and the last MiB: what the server knows a file by."""
    size = path.stat().st_size
    known = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        known.update(file.read(END))
        file.seek(max(0, size - END))
        known.update(file.read(END))
    return known.hexdigest()


def upload_dataset(
    http: Http, project: int, path: Path, told: dict[str, Any], on_bytes: OnBytes = _nobody
) -> dict[str, Any]:
    """The import that it became (being read). A folder goes as a ZIP of its files."""
    begin = f"/api/projects/{project}/imports/"
    if path.is_file():
        return _upload(http, begin, told, path, on_bytes)
    with tempfile.TemporaryDirectory(prefix="maskloop-") as folder:
        packed = Path(folder) / f"{path.resolve().name}.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for file in sorted(each for each in path.rglob("*") if each.is_file()):
                archive.write(file, file.relative_to(path).as_posix())
        return _upload(http, begin, told, packed, on_bytes)


def _upload(http: Http, begin: str, told: dict[str, Any], path: Path, on_bytes: OnBytes) -> dict[str, Any]:
    """What the server made of it. Goes on where an earlier try stopped."""
    size = path.stat().st_size
    key = f"upload {http.api.base_url} {begin} {path.resolve()} {size} {path.stat().st_mtime_ns}"
    begun = _begun(http, state.read(key)) or http.post(begin, {"name": path.name, "size": size, **told})
    state.write(key, begun["id"])
    done = {part["part_number"]: part for part in http.get(f"/api/uploads/{begun['id']}/parts/")["parts"]}
    on_bytes(sum(part["size"] for part in done.values()))
    missing = [number for number in range(1, begun["part_count"] + 1) if number not in done]
    with ThreadPoolExecutor(PARTS_AT_ONCE, thread_name_prefix="upload") as senders:
        for some in _in_groups(missing, LINKS_AT_ONCE):
            urls = http.post(f"/api/uploads/{begun['id']}/parts/", {"part_numbers": some})["urls"]
            send = [
                senders.submit(_send, http, path, begun["part_size"], n, urls[str(n)], on_bytes) for n in some
            ]
            for each in send:
                each.result()
    # What the store holds is what counts, not what we think we sent.
    held = http.get(f"/api/uploads/{begun['id']}/parts/")["parts"]
    parts = [{"part_number": part["part_number"], "etag": part["etag"]} for part in held]
    end = f"/api/uploads/{begun['id']}/complete/"
    if begun.get("dataset_import"):
        end = f"/api/imports/{begun['dataset_import']}/complete/"
    made: dict[str, Any] = http.post(end, {"parts": parts})
    state.forget(key)
    return made


def _begun(http: Http, upload_id: Any) -> dict[str, Any] | None:
    if upload_id is None:
        return None
    with contextlib.suppress(Refused):
        found: dict[str, Any] = http.get(f"/api/uploads/{upload_id}/")
        return found
    return None


def _send(http: Http, path: Path, part_size: int, number: int, url: str, on_bytes: OnBytes) -> None:
    with path.open("rb") as file:
        file.seek((number - 1) * part_size)
        content = file.read(part_size)
    answer = with_tries(lambda: http.store.put(url, content=content))
    if not answer.is_success:
        raise Refused(answer.status_code, "store", f"The object store refused part {number} of {path.name}.")
    on_bytes(len(content))


def _in_groups(values: list[int], size: int) -> Iterator[list[int]]:
    for begin in range(0, len(values), size):
        yield values[begin : begin + size]
