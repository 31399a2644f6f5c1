"""`maskloop.Client`: what a person can do in the pages with datasets, from a program."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from maskloop import credentials, downloads, uploads
from maskloop.http import Http, Refused
from vos.dataset import DatasetInvalid

__all__ = ["Client", "Refused", "RunFailed"]

LIVE = {"queued", "running"}
FIRST_LOOK, LATER_LOOK = 0.2, 2.0  #: seconds between two looks at a run

Row = dict[str, Any]


class RunFailed(Exception):
    """A run ended otherwise than well; `run` is its row."""

    def __init__(self, run: Row) -> None:
        error = run.get("error") or {}
        super().__init__(error.get("message") or f"Run {run['id']} ({run['kind']}) was {run['status']}.")
        self.run = run


class Client:
    """A server, as one person sees it through a personal token.

    Without `url` and `token` they come from MASKLOOP_URL and MASKLOOP_TOKEN, or from `python -m maskloop login`. Rows
    are as the API has them. What the server refuses raises `Refused`.
    """

    def __init__(self, url: str | None = None, token: str | None = None) -> None:
        if not (url and token):
            found = credentials.load(url)
            if found is None:
                raise Refused(
                    401, "not_signed_in", "No token is known here. Run `python -m maskloop login` first."
                )
            url, token = found.url, token or found.token
        self.url = url
        self.http = Http(url, token)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.http.close()

    # --- Projects and videos ---

    def projects(self) -> list[Row]:
        return list(self.http.pages("/api/projects/"))

    def project(self, which: int | str | None = None) -> Row:
        """By its id or its name; without either the only one that the token is for."""
        found = self.projects()
        if which is not None:
            found = [row for row in found if str(row["id"]) == str(which) or row["name"] == str(which)]
        if len(found) != 1:
            names = ", ".join(f"{row['name']} ({row['id']})" for row in self.projects())
            raise Refused(
                404, "not_found", f"Say which project: {names or 'there is none that you can see'}."
            )
        return found[0]

    def videos(self, project: int, **filters: Any) -> Iterator[Row]:
        """Newest first. `status` and `name` (a part of it) narrow the list."""
        return self.http.pages("/api/videos/", project=project, **filters)

    def video(self, video: int) -> Row:
        return dict(self.http.get(f"/api/videos/{video}/"))

    def masklets(self, project: int, **filters: Any) -> Iterator[Row]:
        return self.http.pages("/api/masklets/", project=project, **filters)

    def masks(self, masklet: int) -> Row:
        """`size` [height, width] and `frames`: by frame_idx (as text) an object with COCO RLE `counts`."""
        return dict(self.http.get(f"/api/masklets/{masklet}/masks/"))

    def upload(
        self,
        project: int,
        path: str | Path,
        on_bytes: Callable[[int], object] = lambda count: None,
        *,
        again: bool = False,
    ) -> Row:
        """A video file, or numbered pictures in a ZIP. Called again after a break it goes on.

        A file that the project has already is not sent: its video comes back, unless it is meant to come `again`.
        """
        path = Path(path)
        try:
            return uploads.upload_video(self.http, project, path, on_bytes, again=again)
        except Refused as refusal:
            if refusal.code != "already_here" or refusal.details.get("in_bin"):
                raise
            on_bytes(path.stat().st_size)
            return self.video(refusal.details["video"])

    def wait_for_video(self, video: int, *, within: float = 3600) -> Row:
        """Until its frames are there. Raises RunFailed when it cannot become a video."""
        deadline = time.monotonic() + within
        while (row := self.video(video))["status"] not in {"ready", "failed"}:
            if time.monotonic() > deadline:
                raise TimeoutError(f"Video {video} was not ready after {within:.0f} s.")
            time.sleep(LATER_LOOK / 4)
        if row["status"] == "failed":
            raise RunFailed(row["run"] | {"error": row["failure"]})
        return row

    # --- Datasets that come in, and masks of other models ---

    def import_dataset(
        self,
        project: int,
        path: str | Path,
        *,
        format: str = "",
        accept: bool = False,
        on_bytes: Callable[[int], object] = lambda count: None,
    ) -> Row:
        """Upload a folder or a ZIP of any format that can be read; its import, which a run reads now. Its masklets wait
        for a reviewer, or count as accepted."""
        told = {"format": format, "policy": "accept" if accept else "verify"}
        return uploads.upload_dataset(self.http, project, Path(path), told, on_bytes)

    def imports(self, project: int) -> Iterator[Row]:
        return self.http.pages(f"/api/projects/{project}/imports/")

    def wait_for_import(
        self, dataset_import: int, on_progress: Callable[[Row], object] = lambda row: None
    ) -> Row:
        """The import's row when it has been read. Raises DatasetInvalid when it was refused, RunFailed on a failure."""
        row = dict(self.http.get(f"/api/imports/{dataset_import}/"))
        if row["run"]:
            try:
                self.wait(row["run"]["id"], on_progress)
            except RunFailed:
                row = dict(self.http.get(f"/api/imports/{dataset_import}/"))
                if row["status"] != "refused":
                    raise
            row = dict(self.http.get(f"/api/imports/{dataset_import}/"))
        if row["status"] == "refused":
            raise DatasetInvalid(row["problems"], row["problem_count"])
        return row

    def predict(self, video: int, model: str, tracks: list[Row], *, verify: bool = False) -> list[Row]:
        """Masks of another model become candidates of a video: reviewers see those whose score reaches the project's
        threshold, or with `verify` all of them.

        A track is {"label", "score" (0..1), "masks"}, a mask {"frame_idx", "size" [height, width], "counts"} (COCO
        compressed RLE). All of them are taken or none.
        """
        body = {"model": model, "tracks": tracks, "verify": verify}
        return list(self.http.post(f"/api/videos/{video}/predictions/", body))

    # --- Releases and exports ---

    def releases(self, project: int) -> Iterator[Row]:
        return self.http.pages(f"/api/projects/{project}/releases/")

    def release(self, release: int) -> Row:
        return dict(self.http.get(f"/api/releases/{release}/"))

    def create_release(self, project: int, name: str) -> Row:
        return dict(self.http.post(f"/api/projects/{project}/releases/", {"name": name}))

    def freeze(self, release: int) -> Row:
        """Pin what is accepted now; the run that does it."""
        return dict(self.http.post(f"/api/releases/{release}/freeze/")["run"])

    def formats(self) -> list[Row]:
        return list(self.http.get("/api/formats/"))

    def export(self, release: int, format: str = "sav") -> Row:
        """Write a frozen release in a format; the run that does it."""
        return dict(self.http.post(f"/api/releases/{release}/export/", {"format": format})["run"])

    def find_export(self, release: int, format: str) -> Row:
        """The export of a release in a format. Raises Refused when there is none."""
        found = [row for row in self.release(release)["exports"] if row["format"] == format]
        if not found:
            raise Refused(404, "not_found", f"Release {release} has no export in the format {format}.")
        return dict(found[0])

    def download(
        self, export: int, folder: str | Path, on_bytes: Callable[[int], object] = lambda count: None
    ) -> int:
        """Bring an export's files into `folder`; how many there are. Called again after a break it goes on."""
        return downloads.download(self.http, export, Path(folder), on_bytes)

    # --- Runs ---

    def runs(self, project: int, **filters: Any) -> Iterator[Row]:
        """Newest first. `live` ("1" or "0"), `kind`, `video` and `masklet` narrow the list."""
        return self.http.pages("/api/runs/", project=project, **filters)

    def run(self, run: int) -> Row:
        return dict(self.http.get(f"/api/runs/{run}/"))

    def cancel(self, run: int) -> Row:
        return dict(self.http.post(f"/api/runs/{run}/cancel/"))

    def follow(self, run: int) -> Iterator[Row]:
        """The run's row whenever it has changed, the last one with its end."""
        told, wait = None, FIRST_LOOK
        while True:
            row = self.run(run)
            if row != told:
                yield row
                told, wait = row, FIRST_LOOK
            if row["status"] not in LIVE:
                return
            time.sleep(wait)
            wait = min(1.5 * wait, LATER_LOOK)

    def wait(self, run: int, on_progress: Callable[[Row], object] = lambda row: None) -> Row:
        """The run's row at its end. Raises RunFailed when it failed or was cancelled."""
        row: Row = {}
        for row in self.follow(run):
            on_progress(row)
        if row["status"] != "succeeded":
            raise RunFailed(row)
        return row
