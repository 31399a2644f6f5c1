"""Datasets on disk: for each format its reader and its writer side by side. `vos.dataset` tells the contract."""

from vos.dataset import DatasetInvalid
from vos.formats import sav
from vos.formats.files import Archive, Folder, FolderSink, HashingSink, Tree
from vos.formats.format import Format, Holds, open_files

FORMATS: dict[str, Format] = {each.FORMAT.name: each.FORMAT for each in (sav,)}

__all__ = [
    "FORMATS", "Archive", "DatasetInvalid", "Folder", "FolderSink", "Format", "HashingSink", "Holds", "open_files",
    "recognise",
]  # fmt: skip


def recognise(tree: Tree) -> Format | None:
    """The format that a dataset looks like."""
    return next((each for each in FORMATS.values() if each.recognises(tree)), None)
