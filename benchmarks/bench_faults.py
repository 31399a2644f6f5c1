"""What Maskloop keeps of what it acknowledged while its processes are killed, hung, starved and lied to.

    python -m benchmarks.bench_faults            the figures (about a quarter of an hour on two cores)
    python -m benchmarks.bench_faults --quick    each process killed once, two of the broken builds

The last line is one JSON object; its keys and what is tried: docs/faults.md.
"""

import argparse
import json
import logging
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from benchmarks.bench_effort import temporary_folder
from benchmarks.faults.audit import audit
from benchmarks.faults.broken_names import NAMES
from benchmarks.faults.people import Worker, annotate, bring_in, keep_at, ready, review, upload
from benchmarks.faults.record import Record
from benchmarks.faults.stack import Stack, running_stack
from benchmarks.faults.troubles import Troubles, settle
from deploy.local.progress import say

VIDEOS = 2
SETTLE = {"whole": 60.0, "short": 25.0}  #: seconds


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=["whole", *NAMES], help="one build")
    parser.add_argument("--broken", action="store_true", help="the broken builds alone")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    begin = time.monotonic()
    result: dict[str, Any] = {}
    if options.only in (None, "whole") and not options.broken:
        say("The build as it is")
        result = try_out(whole=not options.quick)
    names = NAMES[:2] if options.quick else NAMES
    if options.only:
        names = [name for name in NAMES if name == options.only]
    caught = []
    for name in names:
        say(f"A broken build: {name.replace('_', ' ')}")
        found = try_out(broken=name)
        if any(found[key] for key in ("acknowledged_lost", "stored_twice", "stuck_runs")):
            caught.append(name)
    result |= {"breakages_caught": len(caught), "breakages": len(names), "minutes": _minutes(begin)}
    print(json.dumps(result))
    good = not any(result.get(key) for key in ("acknowledged_lost", "stored_twice", "stuck_runs"))
    sys.exit(0 if good and len(caught) == len(names) else 1)


def try_out(*, broken: str = "", whole: bool = False) -> dict[str, Any]:
    """One stack, its people and its troubles; the figures."""
    record = Record()
    with temporary_folder() as folder, running_stack(folder, broken=broken) as stack:
        figures: dict[str, Any] = {}
        failure: list[BaseException] = []

        def scene() -> None:
            try:
                figures.update(play(stack, record, whole=whole, short=bool(broken)))
            except BaseException as error:
                failure.append(error)

        # The services are this thread's children: the kernel ends them with the thread that started them.
        actor = threading.Thread(target=scene, name="troubles")
        actor.start()
        while actor.is_alive():
            stack.supervisor.check()
            time.sleep(0.1)
        if failure:
            raise failure[0]
    for line in (*record.lost, *record.twice)[:12]:
        say(f"    {line}")
    return figures


def play(stack: Stack, record: Record, *, whole: bool, short: bool) -> dict[str, Any]:
    owner, canary = Worker(stack, "olga", record), Worker(stack, "olga", record)
    videos = [upload(owner, number) for number in range(VIDEOS)]
    for video in videos:
        try:
            ready(owner, video)
        except Exception as error:
            record.lost.append(f"video {video} did not become ready: {error}")
            return audit(stack, owner, record)
    stop = threading.Event()
    work: list[tuple[Callable[..., None], tuple[Any, ...]]] = [
        (annotate, (Worker(stack, "ada", record), videos)),
        (annotate, (Worker(stack, "ben", record), videos)),
        (review, (Worker(stack, "rita", record),)),
        (bring_in, (Worker(stack, "olga", record),)),
    ]
    people = [
        threading.Thread(target=keep_at, args=(what, *who), kwargs={"stop": stop}, daemon=True)
        for what, who in work
    ]
    for person in people:
        person.start()
    try:
        _trouble(Troubles(stack, canary, videos[0]), whole=whole, short=short)
    finally:
        stop.set()
        for person in people:
            person.join(30)
        settle(stack, within=SETTLE["short" if short else "whole"])
    figures: dict[str, Any] = dict(audit(stack, owner, record))
    say(f"    acknowledged: {record.told()}; refused: {dict(record.refusals)}")
    figures["worst_recovery_s"] = round(max(record.recoveries.values(), default=0.0), 1)
    figures["recoveries"] = {name: round(took, 1) for name, took in record.recoveries.items()}
    figures["acknowledged"] = record.told()
    say(f"    {json.dumps(figures)}")
    return figures


def _trouble(troubles: Troubles, *, whole: bool, short: bool) -> None:
    scenes = [troubles.stale_tab, troubles.duplicate_and_outlive]
    if short:
        scenes += [troubles.kill_one]
    else:
        scenes += [troubles.lose_messages, troubles.flush, troubles.kill_each]
    if whole:
        scenes += [troubles.stop_each, troubles.fill_disk]
    for scene in scenes:
        try:
            scene()
        except Exception as error:  # a broken build breaks in ways of its own; the audit counts
            say(f"    {scene.__name__}: {type(error).__name__}: {str(error)[:300]}")
            if not short:
                raise


def _minutes(begin: float) -> float:
    return round((time.monotonic() - begin) / 60, 1)


if __name__ == "__main__":
    main()
