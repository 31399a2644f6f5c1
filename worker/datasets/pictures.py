"""The frames of a video as an export takes them: annotated ones as they are stored, those in between from its proxy."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any

import simplejpeg

from engine import storage
from engine.errors import ObjectDamaged

AHEAD = 16  #: frames that are fetched before they are asked for
QUALITY = 95


class Pictures:
    """JPEG bytes by timeline frame. Frames are asked for in their order; going back is slow but right."""

    def __init__(self, video: Mapping[str, Any], manifest: Sequence[Mapping[str, Any]]) -> None:
        self._video, self._manifest = video, manifest
        self._fetchers: ThreadPoolExecutor | None = None
        self._coming: dict[int, Future[bytes]] = {}
        self._between: Iterator[tuple[int, bytes]] | None = None
        self._shown: tuple[int, bytes] = (-1, b"")

    def picture(self, step: int) -> bytes:
        """Raises `ObjectDamaged` or `FileNotFoundError`."""
        idx, between = divmod(step, self._video["annotate_every"])
        return self._from_proxy(step) if between else self._stored(idx)

    def _stored(self, idx: int) -> bytes:
        if self._fetchers is None:
            self._fetchers = ThreadPoolExecutor(4, thread_name_prefix="frames")
        for ahead in range(idx, min(idx + AHEAD, len(self._manifest))):
            if ahead not in self._coming:
                self._coming[ahead] = self._fetchers.submit(self._fetch, ahead)
        return self._coming.pop(idx).result()

    def _fetch(self, idx: int) -> bytes:
        key = f"{self._video['prefix']}/frames/{idx:05d}.jpg"
        sentence = f"Frame {idx} of {self._video['name']} is missing from the object store or has changed."
        try:
            body = storage.get(key)
        except FileNotFoundError as error:
            raise ObjectDamaged(sentence, key=key) from error
        if hashlib.sha256(body).hexdigest() != self._manifest[idx]["sha256"]:
            raise ObjectDamaged(sentence, key=key)
        return body

    def _from_proxy(self, step: int) -> bytes:
        if self._between is None or self._shown[0] > step:
            self._between = self._decoded()
        while self._shown[0] < step:
            self._shown = next(self._between)
        return self._shown[1]

    def _decoded(self) -> Iterator[tuple[int, bytes]]:
        """Our own encoder wrote it, so it is decoded without a wall around."""
        import av  # a child that writes no pictures does without

        self._shown = (-1, b"")
        every = self._video["annotate_every"]
        with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
            for chunk in storage.chunks(f"{self._video['prefix']}/proxy.mp4"):
                file.write(chunk)
            file.flush()
            with av.open(file.name) as container:
                for step, frame in enumerate(container.decode(video=0)):
                    # Annotated ones are stored: only what lies between is encoded.
                    rgb = frame.to_ndarray(format="rgb24") if step % every else None
                    yield step, b"" if rgb is None else simplejpeg.encode_jpeg(rgb, quality=QUALITY)

    def __enter__(self) -> Pictures:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._fetchers is not None:
            self._fetchers.shutdown(cancel_futures=True)
