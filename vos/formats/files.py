"""Where a dataset is read from (a folder or a ZIP, neither trusted) and where one is written to.

Nothing is unpacked: a file is read when it is asked for, never more of it than its kind may have.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Protocol

from vos.dataset import DatasetInvalid, Sink

MOST_FILES = 1_000_000
LARGEST_TEXT = 2**30  #: bytes of a JSON, XML or text file
LARGEST_PICTURE = 64 * 2**20  #: bytes of a JPEG or PNG file
PACKED_AT_MOST = 1100  #: times: deflate does no better than 1032
MOST_SHOWN = 50  #: problems that are told; the others are counted
#: What file managers put in.
NOT_MEANT = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)")


class Problems:
    """What is wrong with a dataset, collected to be told at once."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.count = 0

    def add(self, sentence: str) -> None:
        self.count += 1
        if len(self.sentences) < MOST_SHOWN:
            self.sentences.append(sentence)

    def include(self, error: DatasetInvalid) -> None:
        for sentence in error.problems:
            self.add(sentence)
        self.count += error.count - len(error.problems)

    def refuse(self) -> None:
        """Raises `DatasetInvalid` if there are any."""
        if self.count:
            raise DatasetInvalid(self.sentences, self.count)


class Files(Protocol):
    """Files by relative name with `/`."""

    where: str  #: how a sentence calls it

    def sizes(self) -> Mapping[str, int]:
        """Bytes of each file."""

    def chunks(self, name: str) -> Iterator[bytes]:
        """A file's bytes, some at a time."""

    def open(self, name: str) -> IO[bytes]:
        """A file to read here and there in."""


class Tree:
    """The files of a dataset by folder, and what they hold."""

    def __init__(self, files: Files) -> None:
        self.files, self.where = files, files.where
        self._sizes = files.sizes()
        self._children: dict[str, dict[str, str]] = defaultdict(dict)
        for file in self._sizes:
            path = file
            while path:
                parent, _, last = path.rpartition("/")
                if last in self._children[parent]:
                    break
                self._children[parent][last] = path
                path = parent

    def __contains__(self, name: str) -> bool:
        return name in self._sizes

    def names(self) -> Iterable[str]:
        """All files, sorted."""
        return sorted(self._sizes)

    def is_folder(self, name: str) -> bool:
        return name in self._children

    def below(self, folder: str, *suffixes: str) -> list[str]:
        """Full names of the files right in `folder`, sorted; those with one of `suffixes`, if any are given."""
        found = [name for name in self._children.get(folder, {}).values() if name in self._sizes]
        return sorted(n for n in found if not suffixes or PurePosixPath(n).suffix.lower() in suffixes)

    def folders(self, folder: str = "") -> list[str]:
        """Last names of the folders right in `folder`, sorted."""
        return sorted(last for last, name in self._children.get(folder, {}).items() if name in self._children)

    def read(self, name: str, *, most: int = LARGEST_PICTURE) -> bytes:
        """Raises DatasetInvalid when it is not there or larger than `most` bytes."""
        if name not in self._sizes:
            raise DatasetInvalid(f"{name} is missing from {self.where}.")
        if self._sizes[name] > most:
            raise DatasetInvalid(f"{name} has {self._sizes[name]} bytes, which is more than {most}.")
        return b"".join(self.chunks(name))

    def open(self, name: str, *, most: int) -> IO[bytes]:
        """To read parts of. Raises DatasetInvalid when it is larger than `most` bytes."""
        if self._sizes[name] > most:
            raise DatasetInvalid(f"{name} has {self._sizes[name]} bytes, which is more than {most}.")
        return self.files.open(name)

    def head(self, name: str) -> bytes:
        """The first bytes, enough for a picture's header; b"" of an empty file."""
        return next(iter(self.chunks(name)), b"")

    def chunks(self, name: str) -> Iterator[bytes]:
        return self.files.chunks(name)

    def one_of(self, *folders: str) -> str:
        """The first of `folders` that is there. Raises DatasetInvalid when none is."""
        for folder in folders:
            if self.is_folder(folder):
                return folder
        raise DatasetInvalid(f"{self.where} has no folder {' or '.join(folders)}.")


class Folder:
    """A folder on this machine. A link that leads out of it is refused."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.where = f"the folder {self.path.name}"
        if not self.path.is_dir():
            raise DatasetInvalid(f"There is no folder {self.path}.")

    def sizes(self) -> dict[str, int]:
        root, problems, found = self.path.resolve(), Problems(), {}
        for path in self.path.rglob("*"):
            name = path.relative_to(self.path).as_posix()
            if NOT_MEANT.search(name):
                continue
            if path.is_symlink() and not path.resolve().is_relative_to(root):
                problems.add(f"{name} is a link that leads out of the folder. Put the file itself there.")
            elif path.is_file():
                found[name] = path.stat().st_size
            if len(found) > MOST_FILES:
                raise DatasetInvalid(f"{self.where} holds more than {MOST_FILES} files. Split it.")
        problems.refuse()
        return found

    def chunks(self, name: str) -> Iterator[bytes]:
        with self.open(name) as file:
            while chunk := file.read(2**20):
                yield chunk

    def open(self, name: str) -> IO[bytes]:
        return (self.path / name).open("rb")


class Archive:
    """A ZIP. Names that lead out of it, links, encrypted members and what unpacks to more than it says are refused."""

    def __init__(self, path: str | Path) -> None:
        self.where = f"the ZIP {Path(path).name}"
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
            raise DatasetInvalid(f"{Path(path).name} is no ZIP that can be read.") from error

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def sizes(self) -> dict[str, int]:
        entries = self._zip.infolist()
        if len(entries) > MOST_FILES:
            raise DatasetInvalid(f"{self.where} holds more than {MOST_FILES} files. Split it.")
        problems, found = Problems(), {}
        for entry in entries:
            if entry.is_dir() or NOT_MEANT.search(entry.filename):
                continue
            if trouble := _trouble(entry) or ("is there twice" if entry.filename in found else ""):
                problems.add(f"{entry.filename[:200]!r} in {self.where} {trouble}.")
            found[entry.filename] = entry.file_size
        problems.refuse()
        return found

    def chunks(self, name: str) -> Iterator[bytes]:
        said = self._zip.getinfo(name).file_size
        try:
            with self._zip.open(name) as file:
                while chunk := file.read(2**20):
                    said -= len(chunk)
                    if said < 0:
                        raise DatasetInvalid(f"{name} in {self.where} unpacks to more than it says.")
                    yield chunk
        except (
            zipfile.BadZipFile,
            OSError,
            EOFError,
            RuntimeError,
            ValueError,
            NotImplementedError,
        ) as error:
            if isinstance(error, DatasetInvalid):
                raise
            raise DatasetInvalid(f"{name} in {self.where} is damaged.") from error

    def open(self, name: str) -> IO[bytes]:
        try:
            return self._zip.open(name)
        except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
            raise DatasetInvalid(f"{name} in {self.where} is damaged.") from error


def _trouble(entry: zipfile.ZipInfo) -> str:
    parts = PurePosixPath(entry.filename).parts
    if entry.filename.startswith("/") or ".." in parts or "\\" in entry.filename or ":" in parts[0]:
        return "has a name that leads out of it"
    if (entry.external_attr >> 16) & 0o170000 == 0o120000:
        return "is a link"
    if entry.flag_bits & 1:
        return "is encrypted"
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        return "is packed in a way other than deflate"
    if entry.file_size > PACKED_AT_MOST * max(entry.compress_size, 1):
        return "says that it unpacks to more than can be"
    return ""


class FolderSink:
    """Writes below a folder."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def put(self, path: str, content: bytes | Iterable[bytes]) -> None:
        target = self.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            for chunk in in_chunks(content):
                file.write(chunk)


class HashingSink:
    """Hands on to another sink, and keeps each file's size and SHA-256."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.files: dict[str, tuple[int, str]] = {}

    def put(self, path: str, content: bytes | Iterable[bytes]) -> None:
        self._sink.put(path, self._counted(path, content))

    def _counted(self, path: str, content: bytes | Iterable[bytes]) -> Iterator[bytes]:
        digest, size = hashlib.sha256(), 0
        for chunk in in_chunks(content):
            digest.update(chunk)
            size += len(chunk)
            yield chunk
        self.files[path] = (size, digest.hexdigest())


def in_chunks(content: bytes | Iterable[bytes]) -> Iterable[bytes]:
    """The content in pieces."""
    return [content] if isinstance(content, bytes) else content
