"""Which records name which, and how a citation names a row that belongs to a record."""

from collections.abc import Iterator
from functools import cache
from itertools import chain

from django.db import models
from django.db.models.signals import post_save

from eccp.records.models import Citation, OldSlug, Record, RecordModel, record_models
from eccp.records.vocabulary import PublicationStatus

#: Parts that are not facts to be cited: further names, and the citations themselves.
UNCITED_PARTS = frozenset({"old_slugs", "aliases", "citations"})


def as_its_kind(record: Record) -> RecordModel:
    """The whole record behind a row of the common table."""
    return record if type(record) is not Record else record_models()[record.record_kind].objects.get(pk=record.pk)


def owners(model: type[RecordModel]) -> dict[str, models.ForeignKey]:
    """The parts of a kind of record, each with the key by which its rows belong to the record."""
    return {part: getattr(model, part).rel.field for part in model.parts}


@cache
def models_of_parts() -> frozenset[type[models.Model]]:
    """The models whose rows belong to records."""
    return frozenset(owner.model for model in record_models().values() for owner in owners(model).values())


def naming_fields(model: type[models.Model], owner: models.Field | None = None) -> Iterator[models.Field]:
    """The fields by which a row of ``model`` names other records; rows that only belong to one are not meant."""
    for field in chain(model._meta.concrete_fields, model._meta.many_to_many):
        if field is owner or not field.is_relation or not issubclass(field.related_model, Record):
            continue
        is_parent = getattr(field.remote_field, "parent_link", False)
        if field.editable and not is_parent and not is_made_of_parts(field):
            yield field


def is_made_of_parts(field: models.Field) -> bool:
    """Whether a many-to-many field is the sum of rows that say more, as members are of memberships."""
    return field.many_to_many and not field.remote_field.through._meta.auto_created


def named_records(record: Record) -> models.QuerySet[Record]:
    """Every other record that ``record`` names, itself or in a row that belongs to it, its sources included."""
    record = as_its_kind(record)
    keys: set[int | None] = _named_by(record)
    for part, owner in owners(type(record)).items():
        for row in getattr(record, part).all():
            keys |= _named_by(row, owner)
    return Record.objects.filter(pk__in=keys - {None, record.pk})


def _named_by(row: models.Model, owner: models.Field | None = None) -> set[int | None]:
    keys: set[int | None] = set()
    for field in naming_fields(type(row), owner):
        if field.many_to_many:
            keys.update(getattr(row, field.name).values_list("pk", flat=True))
        else:
            keys.add(getattr(row, field.attname))
    return keys


def rows_naming(record: RecordModel) -> Iterator[tuple[models.Field, models.ForeignKey | None, models.QuerySet]]:
    """Every field that may name ``record``, the key to the owner of its rows if they are parts, and those that do."""
    for model, owner in _models_that_name():
        for field in naming_fields(model, owner):
            if isinstance(record, field.related_model):
                yield field, owner, model._base_manager.filter(**{field.name: record.pk})


def naming_records(record: Record) -> models.QuerySet[Record]:
    """Every other published record that names ``record``, itself or in a row that belongs to it."""
    keys: set[int] = set()
    for _field, owner, rows in rows_naming(as_its_kind(record)):
        keys.update(rows.values_list(owner.attname if owner else "pk", flat=True))
    return Record.objects.published().filter(pk__in=keys - {record.pk})


def published_naming_hidden() -> Iterator[tuple[Record, str]]:
    """Every published record that names one that is not, with what it names: there must be none."""
    for model, owner in _models_that_name():
        start = f"{owner.name}__" if owner else ""
        rows = model._base_manager.filter(**{f"{start}publication_status": PublicationStatus.PUBLISHED})
        for field in naming_fields(model, owner):
            if field.many_to_many:
                through, back = field.remote_field.through, field.m2m_field_name()
                other = field.m2m_reverse_field_name()
                links = through._base_manager.filter(**{f"{back}__in": rows}).exclude(
                    **{f"{other}__publication_status": PublicationStatus.PUBLISHED}
                )
                found = [(getattr(link, back), getattr(link, other)) for link in links]
            else:
                hidden = rows.filter(**{f"{field.name}__isnull": False}).exclude(
                    **{f"{field.name}__publication_status": PublicationStatus.PUBLISHED}
                )
                found = [(row, getattr(row, field.name)) for row in hidden]
            for row, named in found:
                yield (getattr(row, owner.name) if owner else row), f"{named.record_kind} {named.slug!r}"


def _models_that_name() -> dict[tuple[type[models.Model], models.ForeignKey | None], None]:
    """Every model whose rows may name a record: the kinds of record, and their parts with the key of their owner."""
    kinds = record_models().values()
    parts = (owner for model in kinds for owner in owners(model).values())
    return dict.fromkeys([*((model, None) for model in kinds), *((owner.model, owner) for owner in parts)])


def key_fields(model: type[models.Model], owner: models.Field) -> list[models.Field]:
    """The fields of which one tells the rows of a part apart: their own key, else the records they name."""
    own = [field for field in model._meta.concrete_fields if field.name == "key"]
    return own or [field for field in naming_fields(model, owner) if not field.null]


def identifying_fields(model: type[models.Model], owner: models.Field) -> list[str]:
    """The fields by which a row of a part is known again when it has changed."""
    if model is Citation:
        return ["field", "source"]
    if keys := key_fields(model, owner):
        return [field.name for field in keys]
    unique = next(rule for rule in model._meta.constraints if isinstance(rule, models.UniqueConstraint))
    return [name for name in unique.fields if name != owner.name and model._meta.get_field(name).editable]


@cache
def kinds_calling() -> dict[str, str]:
    """The parts whose rows are called by another record, each with the kind of that."""
    parts = chain.from_iterable(owners(model).items() for model in record_models().values())
    keys = ((part, field) for part, owner in parts for field in key_fields(owner.model, owner))
    return {part: field.related_model._meta.model_name for part, field in keys if field.is_relation}


def row_key(row: models.Model, owner: models.Field) -> str:
    """How a citation names ``row`` after the name of its part: ``members`` in ``figures.members``."""
    field = next(iter(key_fields(type(row), owner)))
    value = getattr(row, field.name, None)
    return value.slug if isinstance(value, Record) else str(value or "")


def citable_fields(model: type[RecordModel]) -> list[models.Field]:
    """The fields of a record that state a fact, and so may be cited."""
    others = {"slug", "verified_on", "review_due_on", *model.personal_fields}
    return [
        field
        for field in chain(model._meta.concrete_fields, model._meta.many_to_many)
        if field.editable and not field.primary_key and field.name not in others and not is_made_of_parts(field)
    ]


def citable_parts(model: type[RecordModel]) -> dict[str, models.ForeignKey]:
    """The parts of a record whose rows state facts."""
    return {part: owner for part, owner in owners(model).items() if part not in UNCITED_PARTS}


def watch() -> None:
    """Let the citations that name a row by a record's old id follow the record to its new one."""
    post_save.connect(_follow, sender=OldSlug, dispatch_uid="eccp.records.references")


def _follow(sender, instance: OldSlug, created: bool, raw: bool = False, **kwargs) -> None:
    if not created or raw:
        return
    moved = instance.record
    for model in record_models().values():
        for part, owner in citable_parts(model).items():
            for field in key_fields(owner.model, owner):
                if field.is_relation and issubclass(record_models()[moved.record_kind], field.related_model):
                    rows = owner.model._base_manager.filter(**{field.name: moved.pk})
                    cited = Citation.objects.filter(
                        field=f"{part}.{instance.slug}", record__in=rows.values(owner.attname)
                    )
                    for citation in cited:
                        citation.field = f"{part}.{moved.slug}"
                        citation.save(update_fields=["field"])  # one by one: each is a row of a list
