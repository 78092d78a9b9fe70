"""What a record has nothing of: asked once for all that may name it, since of most that it might have it has none."""

from functools import cache

from django.db import connections, models
from django.db.models.fields.related import ManyToManyField

from eccp.records.models import RecordModel


class Nothing:
    """The rows of a relation that has none: whatever is asked of it, it stays as it is and asks nobody."""

    def __iter__(self):
        return iter(())

    def __len__(self):
        return 0

    def first(self):
        return None

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return self._as_before

    def _as_before(self, *_args, **_kwargs):
        return self


def know_nothings(record: RecordModel) -> None:
    """Find out, with one statement, which relations of ``record`` lead to no row: nobody has to ask for them again.

    Only for who reads: a row that is added later is not seen through this ``record``.
    """
    names, statement = _question(type(record))
    with connections[record._state.db].cursor() as cursor:
        cursor.execute(statement, [record.pk] * len(names))
        found = cursor.fetchone()
    known = record.__dict__.setdefault("_prefetched_objects_cache", {})  # where Django looks before it asks
    known |= {name: Nothing() for name, has_rows in zip(names, found, strict=True) if not has_rows}


def has_nothing(record: RecordModel, name: str) -> bool:
    """Whether it is known that the relation ``name`` of ``record`` leads to no row."""
    return isinstance(record.__dict__.get("_prefetched_objects_cache", {}).get(name), Nothing)


@cache
def _question(model: type[RecordModel]) -> tuple[list[str], str]:
    """The relations of a kind of record to rows that name it, and what asks which of them lead to any."""
    ways = dict(filter(None, map(_way, model._meta.get_fields())))
    rows = (f'EXISTS (SELECT 1 FROM "{table}" WHERE "{column}" = %s)' for table, column in ways.values())  # noqa: S608
    return list(ways), f"SELECT {', '.join(rows)}"


def _way(field) -> tuple[str, tuple[str, str]] | None:
    """The name of a relation, and the table and column that hold the keys of the records it leads from."""
    if isinstance(field, ManyToManyField):
        return field.name, (field.m2m_db_table(), field.m2m_column_name())
    if isinstance(field, models.ManyToManyRel):
        return field.get_accessor_name(), (field.field.m2m_db_table(), field.field.m2m_reverse_name())
    if isinstance(field, models.ManyToOneRel) and not getattr(field, "parent_link", False):
        return field.get_accessor_name(), (field.field.model._meta.db_table, field.field.column)
    return None
