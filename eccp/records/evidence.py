"""Evidence: the citations of one record, numbered by source, ready to stand beside the facts they support."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from eccp.records.models import Citation, Record, Source
from eccp.records.nothing import has_nothing
from eccp.records.vocabulary import Rank


@dataclass
class NumberedSource:
    """A source of a record with its number on the page and all it states about the record."""

    number: int
    source: Source
    citations: list[Citation] = field(default_factory=list)


@dataclass(frozen=True)
class Dispute:
    """A field on which sources, or passages of one, disagree: what was chosen, what was not, and why."""

    record: Record
    field: str
    chosen: list[Citation]
    others: list[Citation]

    @property
    def anchor(self) -> str:
        """Where it stands on the page."""
        return f"dispute-{self.record.pk}-{self.field.replace('.', '-')}"


class Evidence:
    """What stands behind the facts of one page, as far as it is public.

    ``others`` are further records whose facts stand on the same page because they have no page of their own;
    ``of`` gives the evidence for one of them, its sources under the numbers they have on the page.
    The citations of all of them are read at once, when the first is asked for.
    """

    def __init__(self, record: Record, *others: Record):
        self.record = record
        self.records = {row.pk: row for row in (record, *others)}

    @cached_property
    def citations(self) -> list[Citation]:
        """The public citations of all records of the page, in the order of the source's lines."""
        keys = [key for key, record in self.records.items() if not has_nothing(record, "citations")]
        public = Citation.objects.public().filter(record__in=keys).order_by() if keys else Citation.objects.none()
        found = sorted(
            public.select_related("source__cited_through"),
            key=lambda citation: (citation.line_first or 0, citation.key),
        )
        for citation in found:
            citation.shown_record = self.records[citation.record_id]
        return found

    @cached_property
    def places(self) -> dict[tuple[int, str], list[int]]:
        """Where among the citations those of a field stand, by record and field, and by what the field is part of."""
        places: dict[tuple[int, str], list[int]] = {}
        for at, citation in enumerate(self.citations):
            for name in _with_wholes(citation.field):
                places.setdefault((citation.record_id, name), []).append(at)
        return places

    @property
    def own(self) -> list[Citation]:
        """The citations of the page's own record: those that the list of citations has of it."""
        return [citation for citation in self.citations if citation.record_id == self.record.pk]

    @property
    def of_others(self) -> int:
        """How many citations are of the further records."""
        return len(self.citations) - len(self.own)

    def of(self, record: Record) -> "EvidenceOf":
        """The evidence for one record of the page."""
        return EvidenceOf(self, record)

    @cached_property
    def sources(self) -> list[NumberedSource]:
        """The sources in the order in which they first speak, numbered from 1."""
        numbered: dict[int, NumberedSource] = {}
        for citation in self.citations:
            place = numbered.setdefault(citation.source_id, NumberedSource(len(numbered) + 1, citation.source))
            place.citations.append(citation)
        return list(numbered.values())

    @cached_property
    def numbers(self) -> dict[int, int]:
        """The number of each source on the page."""
        return {place.source.pk: place.number for place in self.sources}

    def about(self, *fields: str) -> list[Citation]:
        """The citations of the given fields of the page's own record; a part's name stands for all its rows."""
        return self.of(self.record).about(*fields)

    def marks(self, *fields: str) -> list[tuple[int, Citation]]:
        """Number and first citation of each source that supports the given fields, rejected statements left out."""
        return self.of(self.record).marks(*fields)

    @cached_property
    def disputes(self) -> list[Dispute]:
        """The facts of the page about which statements disagree."""
        places: dict[tuple[int, str], list[Citation]] = {}
        for citation in self.citations:
            places.setdefault((citation.record_id, citation.field), []).append(citation)
        return [
            Dispute(
                self.records[pk],
                name,
                [citation for citation in about if citation.rank == Rank.PREFERRED],
                [citation for citation in about if citation.rank != Rank.PREFERRED],
            )
            for (pk, name), about in places.items()
            if any(citation.rank != Rank.PREFERRED for citation in about)
        ]

    def disputes_about(self, *fields: str) -> list[Dispute]:
        """The disputes about the given fields of the page's own record."""
        return self.of(self.record).disputes_about(*fields)


@dataclass(frozen=True)
class EvidenceOf:
    """The evidence for one record among those of a page."""

    page: Evidence
    record: Record

    def about(self, *fields: str) -> list[Citation]:
        """The citations of the given fields; a part's name stands for all its rows."""
        found = {at for name in fields for at in self.page.places.get((self.record.pk, name), ())}
        return [self.page.citations[at] for at in sorted(found)]

    def marks(self, *fields: str) -> list[tuple[int, Citation]]:
        """Number and first citation of each source that supports the given fields, rejected statements left out."""
        marks: dict[int, Citation] = {}
        for citation in self.about(*fields):
            if citation.rank != Rank.REJECTED:
                marks.setdefault(self.page.numbers[citation.source_id], citation)
        return sorted(marks.items())

    def disputes_about(self, *fields: str) -> list[Dispute]:
        """The disputes about the given fields."""
        asked = set(fields)
        return [
            dispute
            for dispute in self.page.disputes
            if dispute.record.pk == self.record.pk and not asked.isdisjoint(_with_wholes(dispute.field))
        ]


def _with_wholes(field: str) -> Iterator[str]:
    """A field, and each part of the record that it is in: ``figures.members``, ``figures``."""
    while field:
        yield field
        field = field.rpartition(".")[0]
