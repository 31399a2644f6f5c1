"""Where the files of an export go: S3, unless they lie there already."""

from __future__ import annotations

import hashlib
import mimetypes
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import IO

from engine import storage
from engine.errors import ObjectDamaged
from worker.datasets.stored import Stored

UPLOADS_AT_ONCE = 8
KEPT_IN_MEMORY = 8 * 2**20  #: bytes of a file that comes in pieces; the rest goes to the worker's disk


class InStore:
    """Bytes that lie in the store under `key`, some at a time; their `sha256`, if it is known."""

    def __init__(
        self, key: str, moved: Callable[[], object] = lambda: None, *, sha256: str | None = None
    ) -> None:
        self.key = key
        self.sha256 = sha256
        self._moved = moved

    def __iter__(self) -> Iterator[bytes]:
        for chunk in storage.chunks(self.key):
            self._moved()
            yield chunk


class StoreSink:
    """A `vos.dataset.Sink`. `known` are keys of stored objects by the SHA-256 of their bytes: what has the same bytes
    is named and not copied. Use as a context manager: on leaving it everything has arrived."""

    def __init__(
        self,
        prefix: str,
        *,
        known: Mapping[str, str] | None = None,
        moved: Callable[[], object] = lambda: None,
    ) -> None:
        self.files: list[Stored] = []
        self._prefix, self._known, self._moved = prefix, known or {}, moved
        self._uploads = ThreadPoolExecutor(UPLOADS_AT_ONCE, thread_name_prefix="export")
        self._coming: list[Future[None]] = []

    def put(self, path: str, content: bytes | Iterable[bytes]) -> None:
        key = f"{self._prefix}/{path}"
        if isinstance(content, InStore):
            measured = Measured.of(content)
            if content.sha256 and measured.sha256 != content.sha256:
                raise ObjectDamaged("A stored video is not what was stored.", key=content.key)
            self._note(path, content.key, measured, own=False)
        elif isinstance(content, bytes):
            measured = Measured.of([content])
            known = self._known.get(measured.sha256)
            if known is None:
                self._send(storage.put, key, content, path)
            self._note(path, known or key, measured, own=known is None)
        else:
            stream, measured = _spooled(content)
            if measured.size <= KEPT_IN_MEMORY:  # in one request, without threads that send pieces
                with stream:
                    self._send(storage.put, key, stream.read(), path)
            else:
                self._send(storage.put_stream, key, stream, path)
            self._note(path, key, measured, own=True)
        self._moved()

    def _send(self, send: Callable[..., None], key: str, what: object, path: str) -> None:
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        self._coming.append(self._uploads.submit(send, key, what, content_type=kind))
        if len(self._coming) > 2 * UPLOADS_AT_ONCE:  # no more in memory than can be on its way
            self._coming.pop(0).result()

    def _note(self, path: str, key: str, measured: Measured, *, own: bool) -> None:
        self.files.append(Stored(path, key, measured.size, measured.sha256, measured.crc32, own))

    def __enter__(self) -> StoreSink:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._uploads.shutdown(cancel_futures=kind is not None)
        if kind is None:
            for upload in self._coming:
                upload.result()


def _spooled(content: Iterable[bytes]) -> tuple[IO[bytes], Measured]:
    """From the first byte on; as long as it is sent, somebody else closes it."""
    stream: IO[bytes] = tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY)  # noqa: SIM115
    try:
        measured = Measured.of(content, into=stream)
    except BaseException:
        stream.close()
        raise
    stream.seek(0)
    return stream, measured


class Measured:
    """Size, SHA-256 and CRC-32 of bytes that pass."""

    def __init__(self) -> None:
        self.size, self.crc32, self._digest = 0, 0, hashlib.sha256()

    @classmethod
    def of(cls, chunks: Iterable[bytes], *, into: IO[bytes] | None = None) -> Measured:
        made = cls()
        for chunk in chunks:
            made.add(chunk)
            if into is not None:
                into.write(chunk)
        return made

    def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self.crc32 = zlib.crc32(chunk, self.crc32)
        self._digest.update(chunk)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()
