"""Entries of the audit ledger in words."""

from __future__ import annotations

from typing import Any

import pytest

from engine.models import AuditEntry, AuditKind
from engine.services.audit_words import FACTS, Change, changes, line, sentence


def entry(
    before: dict[str, Any] | None = None, after: dict[str, Any] | None = None, **values: Any
) -> AuditEntry:
    return AuditEntry(before=before or {}, after=after or {}, **{"kind": AuditKind.PROJECT_CHANGED} | values)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"phase": 3}, {"phase": 1}, "phase of new objects: 3 → 1"),
        ({"senior": False}, {"senior": True}, "decides where reviewers differ: off → on"),
        ({"phases": [1, 2]}, {"phases": [1, 2, 3]}, "trained for phases: 1, 2 → 1, 2, 3"),
        (
            {"bytes_allowed": None},
            {"bytes_allowed": 5_000_000},
            "may store: as the installation says → 5,000,000",
        ),
        ({"split": ""}, {"split": "val"}, "split: none → val"),
        ({"status": "needs_refinement"}, {"status": None}, "state: needs refinement → none"),
        ({}, {"role": "annotator"}, "role: annotator"),
        ({"role": "owner"}, {}, "role: owner"),
        ({"videos": 9999}, {"videos": 10_000}, "videos: 9999 → 10,000"),
        ({"unheard": 1}, {"unheard": 2}, "unheard: 1 → 2"),
    ],
)
def test_a_fact_is_told_with_what_it_was(before: dict[str, Any], after: dict[str, Any], said: str) -> None:
    (change,) = changes(entry(before, after))
    assert line(change).endswith(said)


def test_facts_come_in_their_order_each_once() -> None:
    told = changes(entry({"name": "a", "phase": 1}, {"phase": 2, "label": "dog"}))
    assert told == [
        Change("name", "a", ""),
        Change("phase of new objects", "1", "2"),
        Change("label", "", "dog"),
    ]


@pytest.mark.parametrize("kind", list(AuditKind))
def test_every_kind_of_entry_has_its_sentence(kind: AuditKind) -> None:
    about_another = sentence(entry(kind=kind, subject="anna", subject_type="user"))
    assert about_another == f"{kind.label} anna"
    assert sentence(entry(kind=kind, subject="Demo", subject_type="project")) == kind.label
    assert "_" not in kind.label


def test_words_are_words() -> None:
    assert not [word for word in FACTS.values() if "_" in word or not word]
