"""What objects are called and what is said about them: a project's own lists, and what somebody chose from them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max

from engine import access, shapes
from engine.errors import InvalidInput, NotFound, WrongState
from engine.models import (
    Attribute,
    AttributeKind,
    AuditKind,
    Label,
    Masklet,
    Project,
    Release,
    Role,
    Video,
)
from engine.services import audit
from vos.dataset import Category, Stretch, Value

MOST = 1_000  #: labels, or attributes, of a project
MOST_STRETCHES = 500  #: of one object or video
LONGEST = 500  #: characters of a text
#: Apart for an eye of any kind (Okabe and Ito).
COLORS = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#999999")


@transaction.atomic
def add_label(*, actor: User, project: Project, name: str, **values: Any) -> Label:
    """A label with the next number, which no other ever has. Raises `InvalidInput`."""
    access.require(actor, project.pk, Role.OWNER)
    lock(project)
    if Label.objects.filter(project=project).count() >= MOST:
        raise WrongState(f"A project has at most {MOST} labels.")
    _refuse_taken(project, name, values.get("key", ""))
    label = number(project, name, **values)
    facts = {"name": name, "number": label.number}
    audit.record(AuditKind.LABEL_ADDED, actor=actor, subject=label, project_id=project.pk, after=facts)
    return label


@transaction.atomic
def change_label(*, actor: User, project: Project, label_id: int, **values: Any) -> Label:
    """Another name, colour or key; what has the label is called so, too. A retired one is offered no more."""
    access.require(actor, project.pk, Role.OWNER)
    lock(project)
    label = Label.objects.select_for_update().filter(project=project, pk=label_id).first()
    if label is None:
        raise NotFound
    was = label.name
    taken = values.get("name", was), values.get("key", label.key)
    _refuse_taken(project, *taken, but=label.pk)
    audit.change(AuditKind.LABEL_CHANGED, label, values, actor=actor, project_id=project.pk)
    if label.name != was:
        Masklet.objects.filter(project=project, label=was).update(label=label.name)
    return label


@transaction.atomic
def add_attribute(
    *, actor: User, project: Project, name: str, kind: str, choices: Sequence[str] = ()
) -> Attribute:
    """A new question about objects (owners). Raises `InvalidInput` where its answers do not fit its kind."""
    access.require(actor, project.pk, Role.OWNER)
    lock(project)
    if kind == AttributeKind.CHOICE and len(set(choices)) < 2:
        raise InvalidInput("A choice has two answers or more.")
    if kind != AttributeKind.CHOICE and choices:
        raise InvalidInput(f"An attribute that is a {kind} has no list of answers.")
    if Attribute.objects.filter(project=project).count() >= MOST:
        raise WrongState(f"A project has at most {MOST} attributes.")
    if Attribute.objects.filter(project=project, name=name).exists():
        raise InvalidInput(f"This project has an attribute called {name} already.")
    made = Attribute.objects.create(
        project=project, name=name, kind=kind, choices=list(dict.fromkeys(choices))
    )
    facts = {"name": name, "kind": kind, "choices": made.choices}
    audit.record(AuditKind.ATTRIBUTE_ADDED, actor=actor, subject=made, project_id=project.pk, after=facts)
    return made


@transaction.atomic
def change_attribute(*, actor: User, project: Project, attribute_id: int, **values: Any) -> Attribute:
    """Retire it or take it back, or offer more answers; those that were given stay."""
    access.require(actor, project.pk, Role.OWNER)
    row = Attribute.objects.select_for_update().filter(project=project, pk=attribute_id).first()
    if row is None:
        raise NotFound
    if "choices" in values:
        if row.kind != AttributeKind.CHOICE:
            raise InvalidInput(f"{row.name} is a {row.kind} and has no list of answers.")
        if missing := [each for each in row.choices if each not in values["choices"]]:
            raise InvalidInput(f"Objects may have {missing[0]} already, so it stays among the answers.")
    audit.change(AuditKind.ATTRIBUTE_CHANGED, row, values, actor=actor, project_id=project.pk)
    return row


@transaction.atomic
def describe(*, actor: User, masklet_id: int, **values: Any) -> Masklet:
    """Say what an object is: `label`, `attributes` and `frame_attributes`, each as a whole. Raises `InvalidInput`."""
    found = access.find_masklet(
        Masklet.objects.select_for_update(of=("self",), no_key=True), actor, masklet_id
    )
    access.require(actor, found.project_id, *Role)
    if "label" in values:
        check_label(found.project_id, values["label"])
    known = {row.name: row for row in Attribute.objects.filter(project=found.project_id)}
    if "attributes" in values:
        values["attributes"] = {name: _value(known, name, v) for name, v in values["attributes"].items()}
    if "frame_attributes" in values:
        count = found.video.frame_count or 0
        values["frame_attributes"] = [
            _stretch(each, count, _value(known, each["name"], each["value"]))
            for each in values["frame_attributes"]
        ]
    _save(AuditKind.MASKLET_DESCRIBED, found, values, actor=actor)
    return found


@transaction.atomic
def tag(*, actor: User, video_id: int, **values: Any) -> Video:
    """Say what a video shows: `tags` and `frame_tags`, each as a whole."""
    video = access.find(Video.objects.select_for_update(no_key=True), actor, video_id)
    access.require(actor, video.project_id, *Role)
    if "tags" in values:
        values["tags"] = list(dict.fromkeys(values["tags"]))
    if "frame_tags" in values:
        values["frame_tags"] = [_stretch(each, video.frame_count or 0) for each in values["frame_tags"]]
    _save(AuditKind.VIDEO_TAGGED, video, values, actor=actor)
    return video


def _save(kind: AuditKind, row: Masklet | Video, values: Mapping[str, Any], *, actor: User) -> None:
    """What is not a word is entered as JSON: the database writes numbers in its own way, which no hash outlives."""
    before = {name: getattr(row, name) for name, value in values.items() if getattr(row, name) != value}
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))
    if before:
        after = {name: _as_word(values[name]) for name in before}
        were = {name: _as_word(value) for name, value in before.items()}
        audit.record(kind, actor=actor, subject=row, project_id=row.project_id, before=were, after=after)


def _as_word(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(shapes.dump(value), ensure_ascii=False, sort_keys=True)


def check_label(project_id: int, name: str) -> None:
    """A project with a list takes no other words. Raises `InvalidInput`."""
    offered = Label.objects.filter(project=project_id, retired=False)
    if name and not offered.filter(name=name).exists() and offered.exists():
        some = ", ".join(offered.values_list("name", flat=True)[:8])
        raise InvalidInput(f"This project has no label {name}. It has {some}.")


def numbered(release: Release) -> list[Category]:
    """Inside a freeze: the project's labels, as an export tells them. A word that is in no list is given its number
    now, and has it from then on."""
    lock(release.project)
    known = set(Label.objects.filter(project=release.project).values_list("name", flat=True))
    used = release.items.exclude(label="").order_by("label")
    for name in used.values_list("label", flat=True).distinct():
        if name not in known:
            number(release.project, name)
    return [
        Category(row.number, row.name, row.supercategory, row.color)
        for row in Label.objects.filter(project=release.project)
    ]


def number(project: Project, name: str, **values: Any) -> Label:
    """Inside a transaction that has locked the project: a label with the next number."""
    last = Label.objects.filter(project=project).aggregate(n=Max("number", default=0))["n"]
    values = {"color": COLORS[last % len(COLORS)]} | {k: v for k, v in values.items() if v}
    return Label.objects.create(project=project, name=name, number=last + 1, **values)


def _refuse_taken(project: Project, name: str, key: str, *, but: int = 0) -> None:
    others = Label.objects.filter(project=project).exclude(pk=but)
    if others.filter(name=name).exists():
        raise InvalidInput(f"This project has a label called {name} already.")
    if key and (other := others.filter(key=key, retired=False).first()):
        raise InvalidInput(f"The key {key} gives {other.name} already.")


def _value(known: Mapping[str, Attribute], name: str, value: Any) -> Any:
    row = known.get(name)
    if row is None:
        raise InvalidInput(f"This project has no attribute called {name}.")
    fits: dict[AttributeKind, Callable[[], bool]] = {
        AttributeKind.CHOICE: lambda: value in row.choices,
        AttributeKind.NUMBER: lambda: type(value) in (int, float) and math.isfinite(value),
        AttributeKind.TEXT: lambda: isinstance(value, str) and len(value) <= LONGEST,
        AttributeKind.TICK: lambda: isinstance(value, bool),
    }
    if not fits[AttributeKind(row.kind)]():
        one_of = f" of {', '.join(row.choices)}" if row.choices else ""
        raise InvalidInput(f"{name} is a {row.kind}{one_of}, which {str(value)[:80]!r} is not.")
    return value


def _stretch(told: Mapping[str, Any], frame_count: int, value: Value = True) -> Stretch:
    if not 0 <= told["first"] <= told["last"] < frame_count:
        raise InvalidInput(
            f"{told['name']} is said of frames {told['first']} to {told['last']}, but the video has "
            f"{frame_count} annotated frames, counted from 0."
        )
    return Stretch(told["name"], told["first"], told["last"], value)


def lock(project: Project) -> None:
    """Until the transaction ends no other label of the project gets a number."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
