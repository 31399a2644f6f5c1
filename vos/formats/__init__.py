"""Datasets on disk: for each format its reader and its writer side by side. `vos.dataset` tells the contract."""

from vos.dataset import DatasetInvalid
from vos.formats import (
    coco,
    croissant,
    cvat,
    davis,
    hf,
    image_sequence,
    mose,
    mots,
    predictions,
    sa_co,
    sav,
    sav_eval,
    webdataset,
    youtube_vis,
    youtube_vos,
)
from vos.formats.files import Archive, Folder, FolderSink, HashingSink, Tree
from vos.formats.format import Format, Holds, open_files

#: By name. The first that recognises a dataset reads it, so those that say more of it come first.
FORMATS: dict[str, Format] = {
    module.FORMAT.name: module.FORMAT
    for module in (
        sav, sav_eval, croissant, hf, webdataset, sa_co, coco, youtube_vis, mots, youtube_vos, mose, davis, cvat,
        predictions, image_sequence,
    )
}  # fmt: skip

__all__ = [
    "FORMATS", "Archive", "DatasetInvalid", "Folder", "FolderSink", "Format", "HashingSink", "Holds", "Tree",
    "open_files", "recognise",
]  # fmt: skip


def recognise(tree: Tree) -> Format:
    """The format that a dataset looks like. Raises DatasetInvalid when it looks like none."""
    for each in FORMATS.values():
        if each.recognises(tree):
            return each
    known = ", ".join(each.title for each in FORMATS.values())
    raise DatasetInvalid(f"{tree.where} looks like none of the formats that can be read: {known}.")
