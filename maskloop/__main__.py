"""`python -m maskloop`: datasets of a Maskloop server from the command line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from maskloop import credentials, uploads
from maskloop.client import Client, Refused, RunFailed
from maskloop.release import validate as check_dataset
from maskloop.session import Session
from vos.dataset import DatasetInvalid
from vos.formats import FORMATS

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Datasets of a Maskloop server.")
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

Project = Annotated[str | None, typer.Option("--project", "-p", help="its name or id")]
Url = Annotated[str | None, typer.Option("--url", help="the server; else MASKLOOP_URL or the last sign-in")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="follow it to its end")]


@contextmanager
def server(url: str | None = None) -> Iterator[Client]:
    with Client(url) as client:
        yield client


# --- Signing in ---


@app.command()
def login(
    url: Annotated[str, typer.Argument(help="for example http://127.0.0.1:8000")],
    username: Annotated[str | None, typer.Option(help="asks for a password and makes a token")] = None,
    project: Project = None,
    role: Annotated[str, typer.Option(help="owner, annotator or reviewer")] = "owner",
    days: Annotated[int, typer.Option(help="how long the token works")] = 90,
) -> None:
    """Keep a token for a server: one that you made on its page, or a new one with --username."""
    url = url.rstrip("/")
    if username is None:
        token = typer.prompt("Token (mlp_…)", hide_input=True)
    else:
        session = Session(url, username, typer.prompt("Password", hide_input=True))
        try:
            token = session.make_token(_chosen(session.projects(), project), role=role, days=days)
        finally:
            session.close()
    with Client(url, token) as client:
        names = ", ".join(row["name"] for row in client.projects())
    path = credentials.keep(credentials.Credentials(url, token))
    out.print(f"Signed in to {url} for the project {names}. The token is in {path}.", markup=False)


def _chosen(projects: list[dict[str, Any]], which: str | None) -> int:
    found = [p for p in projects if which is None or which in (p["name"], str(p["id"]))]
    if len(found) != 1:
        names = ", ".join(row["name"] for row in projects) or "none that you can see"
        raise Refused(404, "not_found", f"Say which project with --project: {names}.")
    return int(found[0]["id"])


@app.command()
def logout(url: Annotated[str, typer.Argument()]) -> None:
    """Forget a server's token on this machine. Revoke it on the project's page too."""
    known = credentials.forget(url.rstrip("/"))
    out.print("Forgotten." if known else "There was no token for it.")


# --- Looking ---


@app.command()
def projects(url: Url = None) -> None:
    """List the projects that the token is for."""
    with server(url) as client:
        _table(["id", "name"], [[row["id"], row["name"]] for row in client.projects()])


@app.command()
def videos(project: Project = None, url: Url = None) -> None:
    """List a project's videos."""
    with server(url) as client:
        found = client.videos(client.project(project)["id"])
        keys = ["id", "name", "status", "width", "height", "frame_count", "split"]
        _table(keys, [[row.get(key) for key in keys] for row in found])


@app.command()
def releases(project: Project = None, url: Url = None) -> None:
    """List a project's releases and what they were exported as."""
    with server(url) as client:
        rows = [
            [
                row["id"],
                row["name"],
                row["status"],
                row["video_count"],
                row["masklet_count"],
                ", ".join(each["format"] for each in row["exports"]),
            ]
            for row in client.releases(client.project(project)["id"])
        ]
        _table(["id", "name", "status", "videos", "masklets", "exports"], rows)


@app.command()
def runs(project: Project = None, live: bool = False, url: Url = None) -> None:
    """List a project's runs, newest first."""
    with server(url) as client:
        found = client.runs(client.project(project)["id"], **({"live": "1"} if live else {}), page_size=50)
        rows = [
            [row["id"], row["kind"], row["status"], f"{row['progress']['done']}/{row['progress']['total']}"]
            for row, _ in zip(found, range(50), strict=False)
        ]
        _table(["id", "kind", "status", "progress"], rows)


@app.command()
def formats() -> None:
    """List the formats of datasets, and what each cannot hold."""
    rows = [
        [each.name, each.title, "read, write" if each.can_write else "read", "\n".join(each.lost)]
        for each in FORMATS.values()
    ]
    _table(["name", "title", "can", "what is lost"], rows)


# --- Doing ---


@app.command()
def upload(
    path: Annotated[
        Path, typer.Argument(exists=True, help="a video, a ZIP of numbered pictures, or a folder")
    ],
    project: Project = None,
    again: Annotated[bool, typer.Option(help="also files that the project has already")] = False,
    wait: Wait = True,
    url: Url = None,
) -> None:
    """Upload videos. Broken off, the same command goes on where it stopped; what the project has is not sent again."""
    with server(url) as client:
        number = client.project(project)["id"]
        files = uploads.files_in(path)
        if not files:
            raise Refused(404, "not_found", f"There is no video in {path}.")
        made = []
        with _bytes() as bar:
            for file in files:
                task = bar.add_task(file.name, total=file.stat().st_size)
                made.append(client.upload(number, file, partial(bar.advance, task), again=again))
        failed = sum(not _laid_out(client, row) for row in (made if wait else []))
    if failed:
        raise typer.Exit(1)


def _laid_out(client: Client, video: dict[str, Any]) -> bool:
    """Whether it became a video."""
    with err.status("Laid on the timeline"):
        try:
            row = client.wait_for_video(video["id"])
        except RunFailed as failure:
            err.print(f"{video['name']}: {failure}", markup=False, style="red")
            return False
    out.print(f"{row['id']} {row['name']}: {row['frame_count']} frames to annotate", markup=False)
    return True


@app.command("import")
def import_dataset(
    path: Annotated[Path, typer.Argument(exists=True, help="a folder or a ZIP of any format in `formats`")],
    project: Project = None,
    format: Annotated[str, typer.Option("--format", "-f", help="else what it looks like")] = "",
    accept: Annotated[bool, typer.Option(help="its masklets count as accepted, without a reviewer")] = False,
    url: Url = None,
) -> None:
    """Bring a dataset in. It is checked here first, and refused as a whole where something is wrong."""
    check_dataset(path, format or None).refuse()
    with server(url) as client:
        number = client.project(project)["id"]
        with _bytes() as bar:
            task = bar.add_task(path.name, total=None)
            row = client.import_dataset(
                number, path, format=format, accept=accept, on_bytes=partial(bar.advance, task)
            )
        with _items() as bar:
            task = bar.add_task("reading it", total=None)
            row = client.wait_for_import(row["id"], partial(_show, bar, task))
    out.print(f"{row['video_count']} videos, {row['masklet_count']} masklets")


@app.command()
def freeze(
    name: Annotated[str, typer.Argument(help="of the new release")],
    project: Project = None,
    wait: Wait = True,
    url: Url = None,
) -> None:
    """Make a release of all that is accepted now."""
    with server(url) as client:
        release = client.create_release(client.project(project)["id"], name)
        _follow(client, client.freeze(release["id"]), wait)
        out.print(release["id"])


@app.command()
def export(
    release: Annotated[int, typer.Argument(help="its id")],
    format: Annotated[str, typer.Option("--format", "-f", help="see `formats`")] = "sav",
    wait: Wait = True,
    url: Url = None,
) -> None:
    """Write a frozen release in a format."""
    with server(url) as client:
        _follow(client, client.export(release, format), wait)


@app.command()
def download(
    release: Annotated[int, typer.Argument(help="its id")],
    folder: Annotated[Path, typer.Argument(help="where the files go")],
    format: Annotated[str, typer.Option("--format", "-f")] = "sav",
    url: Url = None,
) -> None:
    """Bring an export here. Broken off, the same command goes on; every file is checked by its SHA-256."""
    with server(url) as client, _bytes() as bar:
        found = client.find_export(release, format)
        task = bar.add_task(f"release {release}, {format}", total=found["bytes"])
        count = client.download(found["id"], folder, lambda done: bar.advance(task, done))
    out.print(f"{count} files in {folder}", markup=False)


@app.command()
def follow(run: Annotated[int, typer.Argument(help="its id")], url: Url = None) -> None:
    """Follow a run to its end."""
    with server(url) as client:
        _follow(client, client.run(run), wait=True)


@app.command()
def cancel(run: Annotated[int, typer.Argument(help="its id")], url: Url = None) -> None:
    """Stop a run; what was done stays."""
    with server(url) as client:
        out.print(client.cancel(run)["status"])


@app.command()
def validate(
    path: Annotated[Path, typer.Argument(exists=True, help="a folder or a ZIP")],
    format: Annotated[str | None, typer.Option("--format", "-f", help="else what it looks like")] = None,
) -> None:
    """Check a dataset of any format, without a server."""
    with _items() as bar:
        task = bar.add_task("videos", total=None)
        report = check_dataset(path, format, lambda done, of: bar.update(task, completed=done, total=of))
    _tell(report.problems, report.problem_count)
    words = f"{report.format.title}: {report.videos} videos, {report.masklets} masklets, {report.masks} masks"
    out.print(f"{words}; {report.problem_count or 'no'} problems", markup=False)
    if report.problem_count:
        raise typer.Exit(1)


# --- Showing ---


def _follow(client: Client, run: dict[str, Any], wait: bool) -> None:
    if not wait:
        out.print(f"run {run['id']}")
        return
    with _items() as bar:
        task = bar.add_task(f"{run['kind']} (run {run['id']})", total=None)

        try:
            client.wait(run["id"], partial(_show, bar, task))
        except KeyboardInterrupt:
            err.print(f"It goes on there. `python -m maskloop follow {run['id']}` looks again.")
            raise


def _show(bar: Progress, task: TaskID, run: dict[str, Any]) -> None:
    done, total = run["progress"]["done"], run["progress"]["total"]
    bar.update(task, completed=done, total=total or None)


def _table(columns: list[str], rows: list[list[Any]]) -> None:
    table = Table(*columns)
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    out.print(table, markup=False)


def _tell(problems: list[str], count: int) -> None:
    for problem in problems:
        err.print(problem, markup=False, style="red")
    if count > len(problems):
        err.print(f"And {count - len(problems)} more.", style="red")


def _bytes() -> Progress:
    parts = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn())
    return Progress(*parts, TransferSpeedColumn(), TimeRemainingColumn(), console=err)


def _items() -> Progress:
    text = TextColumn("{task.description}", markup=False)
    return Progress(SpinnerColumn(), text, BarColumn(), MofNCompleteColumn(), console=err)


def main() -> None:
    """What is refused is a sentence and the exit status 1, never a traceback."""
    try:
        app()
    except (Refused, RunFailed, TimeoutError) as error:
        err.print(str(error), markup=False, style="red")
    except DatasetInvalid as error:
        _tell(error.problems, error.count)
    except httpx.TransportError as error:
        err.print(f"The server does not answer: {error}", markup=False, style="red")
    else:
        return
    sys.exit(1)


if __name__ == "__main__":
    main()
