"""What a person says about a file, apart from what is recognised in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from engine.data.errors import DataError
from engine.data.import_spec import ColumnSpec, ImportSpec, Kind, Role
from engine.data.prepared import Task

WAYS_OF_WRITING = tuple(each.name for each in dataclasses.fields(ImportSpec) if each.name != "columns")
"""The fields of an import specification that concern the file as a whole."""

DECISIVE = ("encoding", "delimiter", "quote", "comment", "skip_lines")
"""Those on which the others hang: with another one, what was recognised of the others no longer holds."""


@dataclass(frozen=True)
class ImportChoices:
    """Choices that stand above what is recognised; each change gives another object.

    Attributes
    ----------
    fields : mapping of str to object
        Field of the import specification -> the value chosen.
    kinds : mapping of str to str
        Column -> what it is said to hold.
    roles : mapping of str to str
        Column -> what it is for.
    task : {"classification", "regression"} or None
        How the target is predicted; None follows the target.
    """

    fields: Mapping[str, Any] = field(default_factory=dict)
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    task: Task | None = None

    def __bool__(self) -> bool:
        return bool(self.fields or self.kinds or self.roles or self.task)

    @property
    def decisive(self) -> dict[str, Any]:
        """The chosen fields with which the others have to be recognised anew."""
        return {name: self.fields[name] for name in DECISIVE if name in self.fields}

    def spec(self, recognised: ImportSpec) -> ImportSpec:
        """Return how to read the file: as recognised where nothing is chosen.

        One mark can't stand before a fraction and between thousands: where only one of them is chosen, the other gives way.
        """
        names = dict.fromkeys((*self.kinds, *self.roles))
        columns = tuple(ColumnSpec(name, self.kinds.get(name), self.roles.get(name)) for name in names)
        fields = dict(self.fields)
        if "thousands" not in fields and recognised.thousands == fields.get("decimal", recognised.decimal):
            fields["thousands"] = None
        return dataclasses.replace(recognised, **fields, columns=columns)

    def with_field(self, name: str, value: Any) -> ImportChoices:
        """Choose the value of a field."""
        return dataclasses.replace(self, fields={**self.fields, name: value})

    def without_field(self, name: str) -> ImportChoices:
        """Leave a field as it is recognised."""
        return dataclasses.replace(self, fields=_without(self.fields, name))

    def with_kind(self, name: str, kind: Kind | None) -> ImportChoices:
        """Say what a column holds; None leaves it to be recognised."""
        kinds = _without(self.kinds, name) if kind is None else {**self.kinds, name: kind}
        return dataclasses.replace(self, kinds=kinds)

    def with_role(self, name: str, role: Role | None) -> ImportChoices:
        """Say what a column is for; there is one target at most, and another one takes its own task."""
        roles = _without(self.roles, name)
        if role == "target":
            roles = {other: known for other, known in roles.items() if known != "target"}
        if role is not None:
            roles[name] = role
        task = None if role == "target" or self.roles.get(name) == "target" else self.task
        return dataclasses.replace(self, roles=roles, task=task)

    def with_task(self, task: Task | None) -> ImportChoices:
        """Say how the target is predicted."""
        return dataclasses.replace(self, task=task)

    @classmethod
    def from_spec(cls, spec: ImportSpec, recognised: ImportSpec) -> ImportChoices:
        """Return the choices that turn what is recognised into `spec`."""
        fields = {name: getattr(spec, name) for name in WAYS_OF_WRITING if getattr(spec, name) != getattr(recognised, name)}
        kinds = {column.name: column.kind for column in spec.columns if column.kind is not None}
        roles = {column.name: column.role for column in spec.columns if column.role is not None}
        return cls(fields, kinds, roles)

    def as_dict(self) -> dict[str, Any]:
        """Return the choices, ready for JSON."""
        return {"fields": dict(self.fields), "kinds": dict(self.kinds), "roles": dict(self.roles), "task": self.task}

    @classmethod
    def from_dict(cls, entries: object) -> ImportChoices:
        """Return the choices that :meth:`as_dict` wrote.

        Raises
        ------
        ValueError
            When the entries are not such choices.
        """
        if not isinstance(entries, dict) or not isinstance(entries.get("fields"), dict):
            raise ValueError("these are no choices for a file")
        chosen = entries["fields"]
        if not set(chosen) <= set(WAYS_OF_WRITING) or entries.get("task") not in (None, *get_args(Task)):
            raise ValueError("a field or the task is unknown")
        try:
            spec = ImportSpec.from_dict({**ImportSpec().as_dict(), **chosen})
        except (DataError, KeyError, TypeError) as error:
            raise ValueError(str(error)) from error
        fields = {name: getattr(spec, name) for name in chosen}
        return cls(fields, _words(entries, "kinds", get_args(Kind)), _words(entries, "roles", get_args(Role)), entries["task"])


def _without(entries: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {other: value for other, value in entries.items() if other != name}


def _words(entries: dict[str, Any], name: str, allowed: tuple[str, ...]) -> dict[str, Any]:
    """Return a dict of column names to allowed words."""
    words = entries.get(name)
    if not isinstance(words, dict) or not all(isinstance(key, str) and word in allowed for key, word in words.items()):
        raise ValueError(f"{name}: a column name and one of {', '.join(allowed)} are expected")
    return words
