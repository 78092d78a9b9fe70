"""Which fields of a record state a fact that a source must stand behind, and where none does."""

from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Value
from django.db.models.functions import Concat

from eccp.records.labels import fact_name
from eccp.records.models import Citation, Record, RecordModel, Source, record_models
from eccp.records.references import citable_fields, citable_parts, key_fields

#: What the registry calls a record: how a body is called is cited where sources differ, and need not be elsewhere.
NAMES = frozenset({"name", "native_name"})


def fact_fields(model: type[RecordModel]) -> list[models.Field]:
    """The fields of a kind of record that need a citation once they are filled.

    A source stands for itself, and what names a source is evidence. Countries, regions, areas and sectors are
    reference data of the registry: only what is said about them is a fact, and that stands in their parts.
    """
    if model is Source or model.is_reference:
        return []
    return [
        field
        for field in citable_fields(model)
        if field.name not in NAMES and not (field.is_relation and field.related_model is Source)
    ]


def fact_parts(model: type[RecordModel]) -> dict[str, models.ForeignKey]:
    """The parts of a kind of record whose rows need a citation each."""
    parts = citable_parts(model)
    if model is Source:
        return {}
    # Rows of reference data are reference data as well: which country belongs to which union.
    return {name: owner for name, owner in parts.items() if not owner.related_model.is_reference}


def is_filled(field: models.Field) -> Q | Exists:
    """The condition that a record has a value in ``field``; that of a box is being ticked."""
    if field.many_to_many:
        rows = field.remote_field.through._base_manager.filter(**{field.m2m_field_name(): OuterRef("pk")})
        return Exists(rows)
    if isinstance(field, models.BooleanField) and not field.null:
        return Q(**{field.name: True})
    if field.null:
        return Q(**{f"{field.name}__isnull": False})
    return ~Q(**{field.name: ""}) if isinstance(field, models.CharField | models.TextField) else Q()


def is_cited(name: str) -> Exists:
    """The condition that a citation of the record supports ``name``."""
    return Exists(Citation.objects.filter(record=OuterRef("pk"), field=name))


def has_rows(owner: models.ForeignKey) -> Exists:
    """The condition that a record has rows in a part."""
    return Exists(owner.model._base_manager.filter(**{owner.name: OuterRef("pk")}))


def has_uncited_rows(part: str, owner: models.ForeignKey) -> Exists:
    """The condition that some row of a part is cited neither by itself nor with the whole part."""
    key = next(iter(key_fields(owner.model, owner)))
    row = OuterRef(f"{key.name}__slug" if key.is_relation else key.name)
    cited = Citation.objects.filter(record=OuterRef(owner.attname)).filter(
        Q(field=part) | Q(field=Concat(Value(f"{part}."), row))
    )
    return Exists(owner.model._base_manager.filter(~Exists(cited), **{owner.name: OuterRef("pk")}))


def uncited(model: type[RecordModel]) -> dict[str, Q]:
    """For each fact of a kind of record, the condition that it is stated and no source stands behind it."""
    fields = {field.name: Q(is_filled(field)) & ~is_cited(field.name) for field in fact_fields(model)}
    return fields | {part: Q(has_uncited_rows(part, owner)) for part, owner in fact_parts(model).items()}


def with_uncited_facts() -> models.QuerySet[Record]:
    """The published records of which some fact has no citation."""
    kinds = [
        model.objects.published().filter(reduce(or_, conditions.values())).order_by().values("pk")
        for model in record_models().values()
        if (conditions := uncited(model))
    ]
    return Record.objects.filter(reduce(or_, (Q(pk__in=kind) for kind in kinds)))


def uncited_of(records: Iterable[Record]) -> dict[int, list[str]]:
    """The names of the uncited facts of each of ``records``, asked once for each kind among them."""
    kinds: dict[str, list[int]] = {}
    for record in records:
        kinds.setdefault(record.record_kind, []).append(record.pk)
    found: dict[int, list[str]] = {}
    for kind, keys in kinds.items():
        conditions = uncited(record_models()[kind])
        # Counted under names of their own: a field's own name is taken.
        rows = record_models()[kind].objects.filter(pk__in=keys).order_by()
        asked = {f"lacks_{name}": models.ExpressionWrapper(c, models.BooleanField()) for name, c in conditions.items()}
        for row in rows.annotate(**asked).values("pk", *asked):
            found[row["pk"]] = [fact_name(name) for name in conditions if row[f"lacks_{name}"]]
    return found


def coverage(model: type[RecordModel]) -> tuple[int, dict[str, tuple[int, int]]]:
    """How many public records of a kind there are, and for each fact how many state it and how many cite it."""
    facts = {field.name: (Q(is_filled(field)), Q(is_cited(field.name))) for field in fact_fields(model)}
    facts |= {
        part: (Q(has_rows(owner)), ~Q(has_uncited_rows(part, owner))) for part, owner in fact_parts(model).items()
    }
    counts = {"all": Count("pk")}
    for name, (filled, cited) in facts.items():
        counts |= {f"filled_{name}": Count("pk", filter=filled), f"cited_{name}": Count("pk", filter=filled & cited)}
    found = model.objects.published().order_by().aggregate(**counts)
    return found["all"], {name: (found[f"filled_{name}"], found[f"cited_{name}"]) for name in facts}
