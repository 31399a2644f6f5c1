"""An audit entry in words, for the page, the CSV and the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.models import AuditEntry, AuditKind

FACTS = {
    "name": "name",
    "description": "what it is for",
    "phase": "phase of new objects",
    "separate_selection": "whoever chooses an object does not track it",
    "separate_verification": "whoever worked on a masklet does not verify it",
    "exports_for": "who downloads exports",
    "sessions": "sessions",
    "role": "role",
    "invited_by": "invited by",
    "phases": "trained for phases",
    "senior": "decides where reviewers differ",
    "look_share": "share of their work that is looked at",
    "reviewers": "reviewers of a masklet",
    "agreeing": "of whom so many agree",
    "trusted_share": "share of trusted people's work that is looked at",
    "trusted_rate": "satisfactory at first sight, to be trusted",
    "trusted_after": "verdicts before somebody is trusted",
    "second_look_share": "share that a second reviewer looks at",
    "rounds_cap": "rounds before an owner decides",
    "returns_to": "who gets back what is unsatisfactory",
    "gold_share": "known answers among reviews",
    "pause_below": "right answers below which a reviewer is paused",
    "pause_after": "known answers before somebody is paused",
    "probe_share": "objects that a second annotator makes too",
    "kinds": "kinds",
    "checkpoint": "checkpoint in use",
    "status": "state",
    "failure": "failure",
    "bytes": "bytes",
    "videos": "videos",
    "masklets": "masklets",
    "format": "format",
    "label": "label",
    "attributes": "attributes",
    "frame_attributes": "attributes of frames",
    "tags": "tags",
    "frame_tags": "tags of frames",
    "number": "number",
    "color": "colour",
    "key": "key",
    "retired": "retired",
    "supercategory": "kind",
    "kind": "kind",
    "choices": "answers",
    "policy": "its masklets",
    "model": "model",
    "days": "days that it is good for",
    "person": "of",
    "split": "split",
    "environment": "environment",
    "group_key": "group",
    "bytes_allowed": "bytes that it may store",
    "videos_allowed": "videos that it may have",
    "refine_share": "share of unsatisfactory candidates that people refine",
    "prefer": "which of them",
    "threshold": "threshold of candidates",
    "candidates": "candidates",
    "preverifier": "pre-verifier in use",
    "passing": "passing masklets without people",
    "returning": "returning masklets without people",
    "precision": "promised precision",
    "people_share": "share for people",
    "pass_below": "chance of being unsatisfactory below which it passes",
    "return_above": "chance of being unsatisfactory above which it returns",
    "came_from": "where it came from",
    "runs_allowed": "runs that it may have under way",
}


@dataclass(frozen=True)
class Change:
    """One fact that changed; an empty word where there was or is none."""

    what: str
    before: str
    after: str


def sentence(entry: AuditEntry) -> str:
    """What was done to whom or what: 'took a role from anna'."""
    done = AuditKind(entry.kind).label
    return f"{done} {entry.subject}" if entry.subject and entry.subject_type != "project" else done


def changes(entry: AuditEntry) -> list[Change]:
    """What an entry of the ledger changed, one fact each, in words for people."""
    names = dict.fromkeys([*entry.before, *entry.after])
    return [
        Change(FACTS.get(name, name), _word(name, entry.before), _word(name, entry.after)) for name in names
    ]


def line(change: Change) -> str:
    """'phase of new objects: 3 → 1'"""
    if not change.before or not change.after:
        return f"{change.what}: {change.before or change.after}"
    return f"{change.what}: {change.before} → {change.after}"


def _word(name: str, facts: dict[str, Any]) -> str:
    value = facts.get(name)
    if name not in facts:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if value is None and name.endswith("_allowed"):
        return "as the installation says"
    if value in (None, ""):
        return "none"
    return f"{value:,}" if isinstance(value, int) and abs(value) > 9999 else str(value).replace("_", " ")
