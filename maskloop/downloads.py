"""An export into a folder, file by file: begun files go on, files that are there are not fetched again, and each is
checked against its SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Any

import httpx

from maskloop.http import Http, Refused, with_tries

FILES_AT_ONCE = 4
TRIES = 3
CHUNK = 2**20

OnBytes = Callable[[int], object]  #: called with bytes that are there


def download(http: Http, export: int, folder: Path, on_bytes: OnBytes = lambda count: None) -> int:
    """How many files there are now. Raises Refused when a file cannot be had, or is not what the server says."""
    count = 0
    with ThreadPoolExecutor(FILES_AT_ONCE, thread_name_prefix="download") as fetchers:
        for page in _pages(http, export):
            for each in [fetchers.submit(_fetch, http, folder, file, on_bytes) for file in page]:
                each.result()
                count += 1
    return count


def _pages(http: Http, export: int) -> Iterator[list[dict[str, Any]]]:
    """Page by page, as the links work for some minutes only."""
    path = f"/api/exports/{export}/files/"
    params: dict[str, Any] = {}
    while True:
        page = http.get(path, **params)
        yield page["results"]
        if not page["next"]:
            return
        params = dict(httpx.URL(page["next"]).params)


def _fetch(http: Http, folder: Path, file: dict[str, Any], on_bytes: OnBytes) -> None:
    target = folder / _safe(file["name"])
    if target.is_file() and target.stat().st_size == file["size"] and _sha256(target) == file["sha256"]:
        on_bytes(file["size"])
        return
    if not file.get("url"):
        raise Refused(403, "not_allowed", "This project does not give you the files of its exports.")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    for _ in range(TRIES):
        _go_on(http, file, part)
        if part.stat().st_size == file["size"] and _sha256(part) == file["sha256"]:
            part.replace(target)
            on_bytes(file["size"])
            return
        part.unlink()  # what was begun is of another file
    raise Refused(502, "damaged", f"{file['name']} does not arrive as the server has it.")


def _go_on(http: Http, file: dict[str, Any], part: Path) -> None:
    """The bytes that `part` lacks, as long as any come: what is cut goes on where it was cut."""
    while True:
        had = _size(part)
        try:
            return _ask_for_rest(http, file, part)
        except httpx.TransportError:
            if _size(part) == had:
                raise


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _ask_for_rest(http: Http, file: dict[str, Any], part: Path) -> None:
    def ask() -> httpx.Response:
        have = _size(part)
        if have >= file["size"]:
            part.touch()
            return httpx.Response(200)
        headers = {"Range": f"bytes={have}-"} if have else {}
        with http.store.stream("GET", file["url"], headers=headers) as answer:
            if answer.is_success:
                with part.open("ab" if answer.status_code == 206 else "wb") as out:
                    for chunk in answer.iter_bytes(CHUNK):
                        out.write(chunk)
            return answer

    answer = with_tries(ask)
    if not answer.is_success:
        raise Refused(answer.status_code, "store", f"The object store refused {file['name']}.")


def _safe(name: str) -> Path:
    """The server's names stay inside the folder, whatever they are."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or not path.parts:
        raise Refused(502, "damaged", f"The server names a file {name!r}, which leads out of the folder.")
    return Path(*path.parts)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
