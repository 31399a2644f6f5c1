"""The client against real processes of the server: web, workers, PostgreSQL, S3."""

import hashlib
import json
import socket
import socketserver
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest

from engine.models import Export, Release, Upload, Video
from engine.services import ingest
from maskloop import Client, Refused, RunFailed, credentials, downloads, load_release, uploads, validate
from tests import factories
from vos import rle
from vos.dataset import DatasetInvalid
from worker.render import write_mp4

if TYPE_CHECKING:
    from tests.app import App


def film(path: Path, frames: int = 17) -> Path:
    pictures = np.stack([factories.disc_frame(number // 4) for number in range(frames)])
    write_mp4(path, pictures, 24)
    return path


def test_a_release_is_frozen_exported_downloaded_and_read(
    client: Client, video: Video, team: factories.Team, tmp_path: Path
) -> None:
    project = client.project()["id"]
    assert project == team.project.pk
    release = client.create_release(project, "first")["id"]
    client.wait(client.freeze(release)["id"])
    client.wait(client.export(release, "davis")["id"])
    found = client.find_export(release, "davis")
    moved: list[int] = []
    count = client.download(found["id"], tmp_path / "davis", moved.append)
    assert (count, sum(moved)) == (found["file_count"], found["bytes"])
    sums = (tmp_path / "davis" / "SHA256SUMS").read_text().splitlines()
    for line in sums:
        sha256, _, name = line.partition("  ")
        assert hashlib.sha256((tmp_path / "davis" / name).read_bytes()).hexdigest() == sha256
    (read,) = load_release(tmp_path / "davis")
    assert len(read) == 5
    for j in range(5):
        np.testing.assert_array_equal(read.masks(j), factories.disc_mask(j)[None])
        assert read.annotated(j).all()
        shown = read.frame(j).astype(int)[..., 0] > 150
        agree = (shown == factories.disc_mask(j)).mean()
        assert agree > 0.98, "and the picture is that frame: the bright disc lies where its mask is"
    report = validate(tmp_path / "davis")
    assert (report.format.name, report.videos, report.masks, report.problem_count) == ("davis", 1, 5, 0)


def test_a_download_goes_on_and_mends_what_is_damaged(
    client: Client, video: Video, team: factories.Team, tmp_path: Path
) -> None:
    release = factories.frozen_release(team).pk
    client.wait(client.export(release, "sav")["id"])
    export, folder = client.find_export(release, "sav")["id"], tmp_path / "sav"
    client.download(export, folder)
    whole = {path.name: path.read_bytes() for path in folder.iterdir()}
    mp4 = next(name for name in whole if name.endswith(".mp4"))
    (folder / mp4).unlink()
    (folder / f"{mp4}.part").write_bytes(whole[mp4][:100])  # broken off here
    (folder / "maskloop_index.json").write_bytes(b"x" * len(whole["maskloop_index.json"]))
    client.download(export, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == whole
    (folder / mp4).unlink()
    (folder / f"{mp4}.part").write_bytes(b"of another file" * 10)
    client.download(export, folder)
    assert (folder / mp4).read_bytes() == whole[mp4]


class CuttingProxy(socketserver.ThreadingTCPServer):
    """A forward proxy that ends the first answers in the middle of their bodies."""

    daemon_threads = True

    def __init__(self, cuts: int, after: int) -> None:
        super().__init__(("127.0.0.1", 0), _Cutting)
        self.cuts, self.after = cuts, after
        self.asked: list[str] = []  #: the Range of each request, "" where it had none

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Cutting(socketserver.StreamRequestHandler):
    server: CuttingProxy

    def handle(self) -> None:
        method, url, version = self.rfile.readline().split()
        headers = list(iter(self.rfile.readline, b"\r\n"))
        asked = [line.decode() for line in headers if line.lower().startswith(b"range:")]
        self.server.asked.append(asked[0].partition(":")[2].strip() if asked else "")
        place = urlsplit(url.decode())
        path = f"{place.path}?{place.query}".encode()
        kept = [line for line in headers if not line.lower().startswith((b"connection:", b"proxy-"))]
        with socket.create_connection((place.hostname, place.port)) as store:
            store.sendall(b" ".join([method, path, version]) + b"\r\n" + b"".join(kept))
            store.sendall(b"Connection: close\r\n\r\n")
            left = self.server.after if len(self.server.asked) <= self.server.cuts else 2**40
            while left and (chunk := store.recv(min(left, 2**16))):
                self.wfile.write(chunk)
                left -= len(chunk)


def test_a_download_goes_on_where_the_connection_was_cut(
    client: Client, team: factories.Team, tmp_path: Path
) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (9, 240, 320, 3), np.uint8)  # so that a file is large
    video = factories.ready_video(team.project, team.owner, frames=noise, proxy=True)
    factories.accepted_masklet(video, team, {j: np.eye(240, 320, dtype=bool) for j in range(9)})
    release = factories.frozen_release(team).pk
    client.wait(client.export(release, "sav")["id"])
    export = client.find_export(release, "sav")
    rows = client.http.get(f"/api/exports/{export['id']}/files/")["results"]
    largest = max(rows, key=lambda row: row["size"])
    assert largest["size"] > 100_000
    folder, after = tmp_path / "sav", 40_000
    with CuttingProxy(cuts=3, after=after) as proxy:
        Thread(target=proxy.serve_forever, daemon=True).start()
        client.http.store = httpx.Client(proxy=proxy.address, timeout=20)
        # The one file alone, so that each cut is its own.
        downloads._fetch(client.http, folder, largest, lambda count: None)
        cut, proxy.cuts = list(proxy.asked), 0
        assert client.download(export["id"], folder) == export["file_count"]
        proxy.shutdown()
    begins = [int(each.removeprefix("bytes=").removesuffix("-")) for each in cut[1:]]
    assert cut[0] == ""
    assert len(begins) == 3
    assert 0 < begins[0] < begins[1] < begins[2] < largest["size"], "each try began where the last was cut"
    sums = {row["name"]: row["sha256"] for row in rows}
    assert {path.name for path in folder.iterdir()} == set(sums)
    for name, sha256 in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256


def test_a_zip_goes_on_where_the_connection_was_cut(
    app: "App", client: Client, video: Video, secret: str, team: factories.Team
) -> None:
    release = factories.frozen_release(team).pk
    client.wait(client.export(release, "davis")["id"])
    address = f"{app.web_origin}/api/exports/{client.find_export(release, 'davis')['id']}/zip/"
    with httpx.Client(headers={"Authorization": f"Bearer {secret}"}, timeout=20) as http:
        whole = http.get(address)
        assert int(whole.headers["Content-Length"]) == len(whole.content)
        with http.stream("GET", address) as begun:
            have = next(begun.iter_raw(1000))  # and the connection is closed here
        asked = {"Range": f"bytes={len(have)}-", "If-Range": begun.headers["ETag"]}
        rest = http.get(address, headers=asked)
        assert rest.status_code == 206
        assert have + rest.content == whole.content
        assert http.get(address, headers=asked | {"If-Range": '"another"'}).content == whole.content


def test_a_video_is_uploaded_and_becomes_ready(client: Client, team: factories.Team, tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    film(tmp_path / "in" / "deep" / "пёс.mp4")
    (tmp_path / "in" / "notes.txt").write_text("no video")
    (path,) = uploads.files_in(tmp_path / "in")
    sent: list[int] = []
    made = client.upload(team.project.pk, path, sent.append)
    assert sum(sent) == path.stat().st_size
    ready = client.wait_for_video(made["id"], within=120)
    assert (ready["name"], ready["status"], ready["frame_count"]) == ("пёс.mp4", "ready", 5)


def test_a_file_that_is_there_is_not_sent_again(
    client: Client, team: factories.Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, sent = film(tmp_path / "a.mp4"), []
    first = client.upload(team.project.pk, path)
    send = uploads._send
    monkeypatch.setattr(uploads, "_send", lambda *given: (sent.append(given[3]), send(*given)))
    told: list[int] = []
    assert client.upload(team.project.pk, path, told.append)["id"] == first["id"]
    assert (sent, sum(told)) == ([], path.stat().st_size)
    assert client.upload(team.project.pk, path, again=True)["id"] != first["id"]
    assert sent == [1]


def test_an_upload_goes_on_where_it_stopped(
    client: Client, team: factories.Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "long.mp4"
    path.write_bytes(film(tmp_path / "a.mp4").read_bytes() + bytes(ingest.PART_SIZE + 7))
    send, tried = uploads._send, []

    def once(*given: object) -> None:
        tried.append(given[3])
        if given[3] == 2:
            raise KeyboardInterrupt
        send(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(uploads, "_send", once)
    with pytest.raises(KeyboardInterrupt):
        client.upload(team.project.pk, path)
    monkeypatch.setattr(uploads, "_send", lambda *given: (tried.append(given[3]), send(*given)))
    video = client.upload(team.project.pk, path)
    assert sorted(tried) == [1, 2, 2], "the first part went once"
    assert Video.objects.filter(project=team.project).count() == 1
    assert Video.objects.get(pk=video["id"]).status != "uploading"
    assert not Upload.objects.exists()


def test_a_dataset_comes_in_as_it_went_out(
    client: Client, video: Video, team: factories.Team, tmp_path: Path
) -> None:
    release = factories.frozen_release(team).pk
    client.wait(client.export(release, "davis")["id"])
    client.download(client.find_export(release, "davis")["id"], tmp_path / "davis")
    begun = client.import_dataset(team.project.pk, tmp_path / "davis")
    row = client.wait_for_import(begun["id"])
    assert (row["status"], row["video_count"], row["masklet_count"]) == ("done", 1, 1)
    newest = max(client.masklets(team.project.pk), key=lambda each: each["id"])
    assert newest["status"] == "in_verification"
    masks = client.masks(newest["id"])
    for j in range(5):
        counts = masks["frames"][str(j)]["counts"]
        np.testing.assert_array_equal(
            rle.decode({"size": masks["size"], "counts": counts}), factories.disc_mask(j)
        )


def test_a_dataset_that_lies_is_refused_with_its_list(
    client: Client, team: factories.Team, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    masks = [[{"size": [4, 4], "counts": "1"}]]
    told = {"video_height": 4, "video_width": 4, "masklet": masks}
    (tmp_path / "data" / "a_manual.json").write_text(json.dumps(told))
    begun = client.import_dataset(team.project.pk, tmp_path / "data", format="sav")
    with pytest.raises(DatasetInvalid, match="runs cover 1 pixels, but the frame has 16"):
        client.wait_for_import(begun["id"])
    assert not Video.objects.filter(project=team.project).exists()


def test_masks_of_another_model_become_masklets(client: Client, video: Video, team: factories.Team) -> None:
    masks = [{"frame_idx": j, **rle.encode(factories.disc_mask(j))} for j in (0, 3)]
    track = {"label": "disc", "score": 0.75, "masks": masks}
    (made,) = client.predict(video.pk, "another model", [track], verify=True)
    assert made["status"] == "in_verification"
    assert sorted(client.masks(made["id"])["frames"]) == ["0", "3"]
    with pytest.raises(Refused, match="64 × 96"):
        client.predict(video.pk, "m", [{"masks": [{"frame_idx": 0, "size": [2, 2], "counts": "04"}]}])


def test_what_is_refused_is_a_sentence_and_a_code(client: Client, team: factories.Team) -> None:
    other = factories.team()
    with pytest.raises(Refused) as refused:
        client.create_release(other.project.pk, "theirs")
    assert (refused.value.status, refused.value.code) == (404, "not_found")
    release = client.create_release(team.project.pk, "empty")["id"]
    with pytest.raises((Refused, RunFailed), match="accepted"):
        client.wait(client.freeze(release)["id"])
    with pytest.raises(Refused, match="has no export in the format davis"):
        client.find_export(release, "davis")
    with pytest.raises(Refused, match=str(team.project.pk)):
        client.project("nowhere")


def test_a_wrong_token_is_told(app: "App", client: Client) -> None:
    with Client(app.web_origin, "mlp_wrong") as stranger, pytest.raises(Refused) as refused:
        stranger.projects()
    assert refused.value.status == 401


def test_lists_go_on_page_after_page(client: Client, team: factories.Team) -> None:
    made = {factories.video(team.project, team.owner).pk for _ in range(7)}
    found = [row["id"] for row in client.videos(team.project.pk, page_size=3)]
    assert (len(found), set(found)) == (7, made)


def test_a_release_is_made_once_though_the_answer_was_lost(
    client: Client, team: factories.Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, asked = client.http.api.request, []

    def lossy(method: str, path: str, **how: object) -> httpx.Response:
        answer = ask(method, path, **how)  # type: ignore[arg-type]
        asked.append(method)
        if len(asked) == 1:
            raise httpx.ReadTimeout("the answer was lost")
        return answer

    monkeypatch.setattr(client.http.api, "request", lossy)
    client.create_release(team.project.pk, "once")
    assert asked == ["POST", "POST"]
    assert Release.objects.filter(project=team.project, name="once").count() == 1


def test_without_a_token_one_is_told_to_sign_in() -> None:
    with pytest.raises(Refused, match="python -m maskloop login"):
        Client()


def test_tokens_are_kept_for_their_owner_alone(config: Path) -> None:
    credentials.keep(credentials.Credentials("http://a", "mlp_a"))
    credentials.keep(credentials.Credentials("http://b", "mlp_b"))
    assert config.stat().st_mode & 0o077 == 0
    assert credentials.load() == credentials.Credentials("http://b", "mlp_b")
    assert credentials.load("http://a") == credentials.Credentials("http://a", "mlp_a")
    assert credentials.forget("http://a")
    assert not credentials.forget("http://a")
    assert credentials.load("http://a") is None
    assert json.loads(config.read_text())["last"] == "http://b"


def test_a_name_that_leads_out_of_the_folder_is_refused(
    client: Client, video: Video, team: factories.Team, tmp_path: Path
) -> None:
    release = factories.frozen_release(team).pk
    client.wait(client.export(release, "sav")["id"])
    export = Export.objects.get()
    export.files.filter(name="SHA256SUMS").update(name="../evil")  # type: ignore[attr-defined]
    with pytest.raises(Refused, match="leads out of the folder"):
        client.download(export.pk, tmp_path / "in")
    assert not (tmp_path / "evil").exists()
