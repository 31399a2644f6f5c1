"""Maskloop from Python: drive a server, and use what it exports, without Django or torch.

from maskloop import Client, load_release

with Client() as client:  # after `python -m maskloop login`
    client.wait(client.export(release, "davis")["id"])
    client.download(client.find_export(release, "davis")["id"], "dataset")
for video in load_release("dataset"):
    print(video.name, video.frame(0).shape, video.masks(0).shape)
"""

from maskloop.client import Client, Refused, RunFailed
from maskloop.release import ReleaseFolder, ReleaseVideo, Report, load_release, validate

__all__ = [
    "Client",
    "Refused",
    "ReleaseFolder",
    "ReleaseVideo",
    "Report",
    "RunFailed",
    "load_release",
    "validate",
]
