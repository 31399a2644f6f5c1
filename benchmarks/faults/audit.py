"""Afterwards: everything that was acknowledged, looked for in the API, in the rows and in the object store."""

import hashlib
from itertools import pairwise
from typing import Any

from botocore.exceptions import ClientError

from benchmarks.effort.client import Person
from benchmarks.faults.record import Record
from benchmarks.faults.stack import Stack

LIVE = "('queued', 'running')"
BUCKET = "maskloop"


def audit(stack: Stack, owner: Person, record: Record) -> dict[str, int]:
    """What was lost, what is there twice, what hangs, and objects that no row names."""
    _prompts(stack, owner, record)
    _objects_and_verdicts(stack, record)
    _uploads(stack, record)
    _ledger(stack, record)
    stuck = stack.rows(f"select id, kind, status from engine_run where status in {LIVE}")  # noqa: S608
    return {
        "acknowledged_lost": len(record.lost),
        "stored_twice": len(record.twice),
        "stuck_runs": len(stuck),
        "orphan_objects": len(orphans(stack)),
    }


def _prompts(stack: Stack, owner: Person, record: Record) -> None:
    """Each prompt once, in its row and as the API lists it."""
    stored: dict[tuple[int, float], int] = {}
    for masklet, x in stack.rows("select masklet_id, x from engine_prompt"):
        stored[masklet, x] = stored.get((masklet, x), 0) + 1
    record.twice += [f"prompt {place} is there {count} times" for place, count in stored.items() if count > 1]
    listed: dict[int, set[int]] = {}
    for prompt, (masklet, x) in record.prompts.items():
        if masklet not in listed:
            listed[masklet] = {row["id"] for row in owner.get(f"/api/masklets/{masklet}/prompts/")["prompts"]}
        if prompt not in listed[masklet] or (masklet, x) not in stored:
            record.lost.append(f"prompt {prompt} of masklet {masklet}")


def _objects_and_verdicts(stack: Stack, record: Record) -> None:
    labels = dict(stack.rows("select id, label from engine_masklet"))
    record.lost += [f"masklet {pk}" for pk, label in record.objects.items() if labels.get(pk) != label]
    record.twice += _repeated(list(labels.values()), "masklets")
    submitted = {
        pk
        for (pk,) in stack.rows(
            "select subject_id from engine_transition where subject_type = 'masklet'"
            " and from_status = 'annotating' and to_status = 'in_verification'"
        )
    }
    record.lost += [f"the submit of masklet {pk}" for pk in record.submits if pk not in submitted]
    verdicts = dict(stack.rows("select id, review_id from verification_verdict"))
    record.lost += [f"verdict {pk}" for pk in record.verdicts if pk not in verdicts]
    record.twice += _repeated(list(verdicts.values()), "verdicts of a review")


def _uploads(stack: Stack, record: Record) -> None:
    for video, sha256 in record.uploads.items():
        key = f"projects/{stack.project}/videos/{video}/source"
        try:
            content = stack.weed.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        except ClientError:
            record.lost.append(f"the object of video {video}")
            continue
        if hashlib.sha256(content).hexdigest() != sha256:
            record.lost.append(f"video {video} is not what was sent")
    failed = stack.rows("select id, failure_code from engine_video where status = 'failed'")
    record.lost += [f"video {pk} failed: {code}" for pk, code in failed if pk in record.uploads]


def _ledger(stack: Stack, record: Record) -> None:
    """Each change begins where the one before it ended, and a run makes one revision and ends once."""
    changes: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for kind, pk, before, after in stack.rows(
        "select subject_type, subject_id, from_status, to_status from engine_transition order by id"
    ):
        changes.setdefault((kind, pk), []).append((before, after))
    for subject, steps in changes.items():
        if any(a[1] != b[0] for a, b in pairwise(steps)):
            record.twice.append(f"{subject} changed twice from one status: {steps}")
    for run, count in stack.rows(
        "select run_id, count(*) from engine_revision where run_id is not null group by 1 having count(*) > 1"
    ):
        record.twice.append(f"run {run} made {count} revisions")


def orphans(stack: Stack) -> list[str]:
    """Objects that no row names."""
    videos = {pk for (pk,) in stack.rows("select id from engine_video")}
    masks = {key for (key,) in stack.rows("select key from engine_revision")}
    found = []
    for page in stack.weed.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
        for item in page.get("Contents", []):
            key = item["Key"]
            parts = key.split("/")
            named = key in masks or (len(parts) > 3 and parts[2] == "videos" and int(parts[3]) in videos)
            if not named and not key.startswith("."):
                found.append(key)
    return found


def _repeated(values: list[Any], what: str) -> list[str]:
    return [f"{what}: {value} twice" for value in set(values) if values.count(value) > 1]
