"""One export in a process of its own, as a worker does it: `python -m benchmarks.export.once RELEASE FORMAT [plain]`.

Goes on with what a killed one has left. Its last line is {"seconds", "peak"}: peak is the largest resident memory of
this process and of its largest child, in bytes.
"""

import json
import resource
import sys
import time

import django


def main() -> None:
    django.setup()
    from benchmarks.export import plain
    from engine.models import Release

    release = Release.objects.get(pk=int(sys.argv[1]))
    begin = time.monotonic()
    if "plain" in sys.argv:
        plain.export(release)
    else:
        _export(release, sys.argv[2])
    seconds = time.monotonic() - begin
    peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps({"seconds": seconds, "peak": 1024 * sum(peaks)}), flush=True)


def _export(release: "Release", format: str) -> None:  # type: ignore[name-defined]  # noqa: F821
    from engine.models import Run, RunKind, RunStatus
    from engine.services import exports, runs
    from worker.datasets.export import export
    from worker.runs import perform

    live = Run.objects.live().filter(release=release, kind=RunKind.EXPORT).first()
    if live is not None and live.status == RunStatus.RUNNING:  # its worker was killed
        runs.requeue(live, reason="killed")
        live.refresh_from_db()
    run = live if live is not None and live.is_live else None
    run = run or exports.request(actor=release.created_by, release=release, format=format)
    perform(run.pk, export)
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED, (run.status, run.error_message)


if __name__ == "__main__":
    main()
