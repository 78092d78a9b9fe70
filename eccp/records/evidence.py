"""Evidence: the citations of one record, numbered by source, ready to stand beside the facts they support."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from eccp.records.models import Citation, Rank, Record, Source


@dataclass
class NumberedSource:
    """A source of a record with its number on the page and all it states about the record."""

    number: int
    source: Source
    citations: list[Citation] = field(default_factory=list)


@dataclass(frozen=True)
class Dispute:
    """A field on which sources, or passages of one, disagree: what was chosen, what was not, and why."""

    field: str
    chosen: list[Citation]
    others: list[Citation]


class Evidence:
    """What stands behind the facts of one record, as far as it is public.

    ``record`` comes from ``with_evidence()``: its ``citations`` are prefetched and public.
    """

    def __init__(self, record: Record):
        self.citations: list[Citation] = sorted(
            record.citations.all(), key=lambda citation: (citation.line_first or 0, citation.key)
        )

    @cached_property
    def sources(self) -> list[NumberedSource]:
        """The sources in the order in which they first speak, numbered from 1."""
        numbered: dict[int, NumberedSource] = {}
        for citation in self.citations:
            place = numbered.setdefault(citation.source_id, NumberedSource(len(numbered) + 1, citation.source))
            place.citations.append(citation)
        return list(numbered.values())

    @cached_property
    def _numbers(self) -> dict[int, int]:
        return {place.source.pk: place.number for place in self.sources}

    def about(self, *fields: str) -> list[Citation]:
        """The citations of the given fields; a part's name stands for all its rows."""
        return [
            citation
            for citation in self.citations
            if any(citation.field == name or citation.field.startswith(f"{name}.") for name in fields)
        ]

    def marks(self, *fields: str) -> list[tuple[int, Citation]]:
        """Number and first citation of each source that supports the given fields, rejected statements left out."""
        marks: dict[int, Citation] = {}
        for citation in self.about(*fields):
            if citation.rank != Rank.REJECTED:
                marks.setdefault(self._numbers[citation.source_id], citation)
        return sorted(marks.items())

    @cached_property
    def disputes(self) -> list[Dispute]:
        """The fields about which statements disagree."""
        return [dispute for name in self._disputed_fields() if (dispute := self._dispute(name))]

    def _disputed_fields(self) -> Iterable[str]:
        return dict.fromkeys(citation.field for citation in self.citations if citation.rank != Rank.PREFERRED)

    def _dispute(self, name: str) -> Dispute:
        about = [citation for citation in self.citations if citation.field == name]
        chosen = [citation for citation in about if citation.rank == Rank.PREFERRED]
        return Dispute(name, chosen, [citation for citation in about if citation.rank != Rank.PREFERRED])

    def disputes_about(self, *fields: str) -> list[Dispute]:
        """The disputes about the given fields."""
        return [dispute for dispute in self.disputes if any(dispute.field.split(".")[0] == name for name in fields)]
