"""What a list is: one declaration, from which everything shown of it is made."""

from django.db import models
from django.utils.functional import Promise

from eccp.listing.columns import Column
from eccp.listing.words import ChoiceWord, ComputedWord, ListingFilterSet
from eccp.records.models import Record

#: Every list of the site by its name, in the order in which they are declared.
LISTINGS: dict[str, type["Listing"]] = {}


class Listing:
    """One list, declared once: a queryset, its filter words and its columns make everything shown of it."""

    name: str
    title: str | Promise
    description: str | Promise = ""
    #: What a row is, for counts in words: ngettext_lazy("%(count)s partnership", "%(count)s partnerships", "count").
    counted: Promise
    queryset: models.QuerySet
    filterset_class: type[ListingFilterSet]
    columns: list[Column]
    default_sort = "id"
    #: The way from a row to the instant it last changed; what lies on it is selected with the row.
    changed = "changed_at"
    #: Ways to records whose names a row says otherwise than as those that a column names.
    reads_names: tuple[str, ...] = ()
    #: What a row is in the words of schema.org.
    schema_type = "Thing"
    #: Its properties there, each with the column that gives it.
    schema: dict[str, str] = {}

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if getattr(cls, "name", None):
            LISTINGS[cls.name] = cls

    @classmethod
    def kind(cls) -> str:
        """The kind of record a row is; "" where a row is a part of a record."""
        return cls.queryset.model._meta.model_name if issubclass(cls.queryset.model, Record) else ""

    @classmethod
    def get_queryset(cls) -> models.QuerySet:
        """The public rows, with what columns read of other records otherwise than along their ways."""
        return cls.queryset.all()

    @staticmethod
    def row_id(record) -> str:
        """The public id of a row."""
        return record.slug

    @staticmethod
    def row_name(record) -> str:
        """What a row is called."""
        return record.name

    @classmethod
    def facet_words(cls) -> dict[str, ChoiceWord]:
        """The words of choice whose values are counted, by name."""
        words = cls.filterset_class.base_filters.items()
        return {name: word for name, word in words if word.is_choice and word.facet}

    @classmethod
    def depends_on_day(cls) -> bool:
        """Whether the list says, or can be asked for, what is another on another day."""
        return any(isinstance(word, ComputedWord) for word in cls.filterset_class.base_filters.values())

    @staticmethod
    def search_texts(record) -> list[str]:
        """Further texts of the row that ``q`` looks through."""
        return []
