"""JSON columns that have a type: a dataclass goes in, a dataclass comes out.

    warnings = ShapedField(list[Warned], default=list)

A shape is a dataclass, a plain type, or a list or dict of these. A row is read when its attribute is asked for, so that
one bad row does not keep its whole page back; what does not fit is told by a sentence (`RowMalformed`) there, and not
by whatever it would break later. What is written is held against the shape too.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import asdict, is_dataclass, make_dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import dacite
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from engine.errors import RowMalformed

T = TypeVar("T")


def dump(value: Any) -> Any:
    """`value` as JSON has it: dataclasses as objects, whatever they lie in."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return {str(name): dump(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [dump(each) for each in value]
    return value


def parse(shape: type[T], stored: Any) -> T:
    """What `dump` made. Raises `ValueError` with what does not fit; names that the shape lacks are passed over."""
    try:
        column = dacite.from_dict(_column(cast(Hashable, shape)), {"value": stored}, _CONFIG)
    except dacite.DaciteError as error:
        raise ValueError(str(error)) from error
    return cast(T, column.value)


@lru_cache(maxsize=256)
def _column(shape: Hashable) -> Any:
    return make_dataclass("Column", [("value", shape)])


def _number(value: Any) -> Any:
    """JSON has one kind of number; true is none."""
    if isinstance(value, bool):
        raise dacite.WrongTypeError(float, value)
    return float(value) if isinstance(value, int) else value


_CONFIG = dacite.Config(type_hooks={float: _number})


class _Shaped(DeferredAttribute):
    """Reads the column when it is asked for, and once."""

    field: ShapedField[Any]

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        read = f"_{self.field.attname}_read"
        if instance is None or instance.__dict__.get(read) is value or hasattr(value, "resolve_expression"):
            return value
        value = self.field.read(value, instance)
        instance.__dict__[self.field.attname] = instance.__dict__[read] = value
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


if TYPE_CHECKING:  # Django's fields are generic for type checkers alone

    class _Column(models.JSONField[T, T]): ...
else:

    class _Column(models.JSONField, Generic[T]): ...


class ShapedField(_Column[T]):
    """A JSON column of `shape`. `or_nothing`: an empty object stands for None."""

    descriptor_class = _Shaped

    def __init__(self, shape: type[T], *, or_nothing: bool = False, **options: Any) -> None:
        self.shape, self.or_nothing = shape, or_nothing
        super().__init__(**options)

    def deconstruct(self) -> Any:
        """For migrations, a plain column: PostgreSQL knows nothing of shapes."""
        name, _, args, options = super().deconstruct()
        return name, "django.db.models.JSONField", args, options

    def clone(self) -> Any:
        """Of what `deconstruct` tells; migrations ask for it."""
        _, _, args, options = self.deconstruct()
        return models.JSONField(*args, **options)

    def read(self, value: Any, row: models.Model) -> T | None:
        """A stored or an assigned value. Raises `RowMalformed`."""
        if value is None or (self.or_nothing and value == {}):
            return None
        try:
            return parse(self.shape, dump(value))
        except ValueError as error:
            raise RowMalformed(
                f"What is stored as {self.verbose_name} of {row._meta.verbose_name} {row.pk} cannot be read: {error}. "
                "Ask whoever runs this installation to look at it."
            ) from error

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(dump(value), model_instance)

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(dump(value))

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """Raises `ValidationError` for what is not of the shape."""
        if self.or_nothing and not value:
            value = {}
        elif value is not None and not hasattr(value, "as_sql"):
            try:
                value = parse(self.shape, dump(value))
            except ValueError as error:
                raise ValidationError(f"{self.verbose_name}: {error}") from error
        return super().get_db_prep_save(value, connection)
