"""The lists of sources and citations: what stands behind every fact."""

from datetime import date

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, override

from eccp.listing.columns import Address, Date, Number, One, Text, WebAddress, Word
from eccp.listing.details import DetailView
from eccp.listing.directory import ENGLISH, Directory, Labels
from eccp.listing.listings import Listing
from eccp.listing.related import related
from eccp.listing.words import ChoiceWord, ListingFilterSet, RecordWord, VocabularyWord
from eccp.records.labels import fact_name
from eccp.records.models import Citation, Source, record_models
from eccp.records.vocabulary import PublicationStatus, Rank


class KindWord(ChoiceWord):
    """``record_kind``: a kind of record."""

    def labels(self, directory):
        return {kind: model._meta.verbose_name for kind, model in sorted(record_models().items())}


class AnyLabels(Labels):
    """The labels of all records, by id and by kind and id."""

    def __init__(self, directory: Directory):
        super().__init__(directory.of_any(tuple(directory.refs)))
        self._directory = directory

    def __getitem__(self, code):
        kind, _colon, slug = code.rpartition(":")
        return self._directory.of(kind)[slug].label if kind else super().__getitem__(slug)

    def __contains__(self, code):
        kind, _colon, slug = str(code).rpartition(":")
        return slug in self._directory.of(kind) if kind else super().__contains__(slug)

    def __iter__(self):
        yield from super().__iter__()
        yield from (f"{kind}:{slug}" for kind, refs in self._directory.refs.items() for slug in refs)

    def __len__(self):
        return super().__len__() + sum(map(len, self._directory.refs.values()))


class AnyRecordWord(ChoiceWord):
    """``record``: the id of a record that may be cited, with its kind (``agreement:…``) where several share one."""

    def labels(self, directory):
        return AnyLabels(directory)

    def moved(self, code, directory):
        kind, _colon, slug = code.rpartition(":")
        kinds = [kind] if kind else directory.refs
        new = next((new for of in kinds if (new := directory.moved(of, slug))), None)
        return None if new is None or code in self.labels(directory) else f"{kind}:{new}" if kind else new

    def pairs(self, queryset, on):
        for pk, kind, slug in queryset.values_list("pk", "record__record_kind", "record__slug"):
            yield pk, slug
            yield pk, f"{kind}:{slug}"

    def pairs_of(self, asked, directory):
        return self.pairs(asked.queryset, date.min)

    def keys(self, queryset, code, on):
        kind, _colon, slug = code.rpartition(":")
        found = queryset.filter(record__slug=slug)
        return set((found.filter(record__record_kind=kind) if kind else found).values_list("pk", flat=True))


class SourceFilterSet(ListingFilterSet):
    """The words of the list of sources."""

    cited_through = RecordWord(
        _("Cited through"), _("cited through %(values)s"), kinds=[Source], paths=["cited_through"]
    )
    record_kind = KindWord(
        _("Kind of record supported"),
        _("about records of the kind %(values)s"),
        paths=[("supports__record__record_kind", Q(supports__record__publication_status=PublicationStatus.PUBLISHED))],
    )


class CitationFilterSet(ListingFilterSet):
    """The words of the list of citations."""

    rank = VocabularyWord(_("Rank"), _("of rank %(values)s"), choices=Rank, paths=["rank"])
    record_kind = KindWord(
        _("Kind of record"), _("about records of the kind %(values)s"), paths=["record__record_kind"]
    )
    record = AnyRecordWord(_("Record"), _("about %(values)s"), paths=["record__slug"], facet=False)
    source = RecordWord(_("Source"), _("of %(values)s"), kinds=[Source], paths=["source"])


class KindName(Word):
    """The kind of a record; pages show its name."""

    def said(self, word, language=""):
        return str(record_models()[word]._meta.verbose_name)


class Fact(str):
    """The field that a citation supports, with the directory that knows whom it names."""

    directory: Directory


class FactName(Text):
    """The field that a citation supports; pages say it in words."""

    def unpack(self, packed, directory):
        cell = Fact(packed)
        cell.directory = directory
        return cell

    def display(self, cell):
        return [fact_name(cell, label=cell.directory.label)]


SOURCE_COLUMNS = [
    Text("id", _("Id"), lambda row: row.slug, _("The source’s id in addresses."), shown=False, edits="slug"),
    Text(
        "title", _("Source"), lambda row: row.name, _("The title of the document or page."), searched=True, edits="name"
    ),
    Text(
        "publisher", _("Publisher"), lambda row: row.publisher, _("Who published it."), searched=True, edits="publisher"
    ),
    Date("dated", _("Dated"), lambda row: row.dated, _("The date it gives itself."), edits="dated"),
    Date(
        "consulted_on", _("Consulted on"), lambda row: row.consulted_on, _("The day it was read."), edits="consulted_on"
    ),
    WebAddress(
        "document_url", _("Web address"), lambda row: row.document_url, _("Where it was read."), edits="document_url"
    ),
    One(
        "cited_through",
        _("Cited through"),
        lambda row: row.cited_through,
        _("The document whose footnote it is."),
        edits="cited_through",
    ),
    Number(
        "citation_count", _("Statements cited"), lambda row: row.citation_count, _("How many statements rest on it.")
    ),
    Address("url", _("Address"), lambda row: ("sources", row.slug), _("The page of the source.")),
]

CITATION_COLUMNS = [
    Text("id", _("Id"), lambda row: row.key, _("The citation’s id in addresses."), shown=False),
    KindName("record_kind", _("Kind"), lambda row: row.record.record_kind, _("The kind of the record it is about.")),
    One("record", _("Record"), lambda row: row.record, _("The record it is about.")),
    FactName("field", _("Fact"), lambda row: row.field, _("The field it supports.")),
    Text("stated_value", _("As stated"), lambda row: row.stated_value, _("Exactly as in the source."), searched=True),
    Word("rank", _("Rank"), lambda row: row.rank, _("Whether the registry follows it."), choices=Rank),
    Text("reason", _("Reason"), lambda row: row.reason, _("Why it was or was not followed."), searched=True),
    One("source", _("Source"), lambda row: row.source, _("The source that states it.")),
    Text("locator", _("Place in the source"), lambda row: row.locator, _("Section, line, footnote.")),
    Text("quote", _("Quote"), lambda row: row.quote, _("Word for word, short."), shown=False, searched=True),
    Address("url", _("Address"), lambda row: ("citations", row.key), _("The page of the citation.")),
]


class SourceList(Listing):
    """Every published source."""

    name = "sources"
    title = _("Sources")
    description = _("The documents and web pages on which the registry stands.")
    counted = ngettext_lazy("%(count)s source", "%(count)s sources", "count")
    queryset = (
        Source.objects.published()
        .select_related("cited_through")
        .annotate(
            citation_count=Count(
                "supports", filter=Q(supports__record__publication_status=PublicationStatus.PUBLISHED), distinct=True
            )
        )
    )
    filterset_class = SourceFilterSet
    columns = SOURCE_COLUMNS
    schema_type = "CreativeWork"
    schema = {"publisher": "publisher", "datePublished": "dated", "sameAs": "document_url"}
    default_sort = "title"


class CitationList(Listing):
    """Every citation of a published record from a published source."""

    name = "citations"
    title = _("Citations")
    description = _("Every statement of a source, with what the registry made of it.")
    counted = ngettext_lazy("%(count)s citation", "%(count)s citations", "count")
    queryset = Citation.objects.public().select_related("record", "source")
    filterset_class = CitationFilterSet
    columns = CITATION_COLUMNS
    schema_type = "Claim"
    schema = {"text": "stated_value"}
    changed = "record__changed_at"

    @staticmethod
    def row_id(record) -> str:
        return record.key

    @staticmethod
    def row_name(record) -> str:
        with override(ENGLISH):
            return f"{record.record.name}: {fact_name(record.field)}"


class SourceDetail(DetailView):
    """One source with all that it supports."""

    template_name = "portal/source_detail.html"
    left_out = frozenset({"citation_count"})

    def get_context(self, record, on):
        columns = ("record_kind", "record", "field", "stated_value", "rank", "locator")
        return {
            "supported": related("citations", {"source": record.slug}, columns, on, most=100),
            "footnotes": SourceList.queryset.filter(cited_through=record).order_by("slug"),
            "agreements": record.agreements.published().order_by("name"),
        }


class CitationDetail(DetailView):
    """One citation."""

    template_name = "portal/citation_detail.html"
    left_out = frozenset({"stated_value", "field", "record_kind", "record", "source", "locator", "quote", "reason"})

    def lookup(self, slug):
        return {"key": slug}

    def get_queryset(self, on):
        return self.listing.get_queryset().select_related("source__cited_through")

    def get_context(self, record, on):
        same = Citation.objects.public().filter(record=record.record, field=record.field).exclude(pk=record.pk)
        return {
            "kind_name": record_models()[record.record.record_kind]._meta.verbose_name,
            "others": same.select_related("source"),
        }


SHOWN = [(SourceList, SourceDetail), (CitationList, CitationDetail)]
