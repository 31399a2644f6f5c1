"""Turns an untrusted video file into the frames, the proxy and the manifest that everything else
stands on.

Parent side: `ingest`. Child side: `child`, which is the only place where somebody else's bytes meet
a decoder. This package knows no Django, no database and no object store.
"""

from worker.decode.ingest import ingest
from worker.decode.limits import Limits
from worker.decode.manifest import Manifest, ManifestFrame, Warned
from worker.decode.refusal import Refusal
from worker.decode.sandbox import NoSandbox

__all__ = ["Limits", "Manifest", "ManifestFrame", "NoSandbox", "Refusal", "Warned", "ingest"]
