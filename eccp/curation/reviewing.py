"""What a publisher reads before deciding: each difference beside the statements of the sources it stands on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from eccp.curation.actions import in_the_way
from eccp.curation.differences import Difference, differences
from eccp.curation.models import Proposal
from eccp.records import aggregate
from eccp.records.models import Citation, Record, RecordModel, Source
from eccp.records.references import as_its_kind


@dataclass(frozen=True)
class Evidence:
    """What one source states about a difference, and where."""

    source: Source
    locator: str
    stated: str
    quote: str


@dataclass(frozen=True)
class Line:
    """One difference with what is cited for it."""

    difference: Difference
    evidence: list[Evidence]


def lines_of_change(proposal: Proposal) -> list[Line]:
    """What a change would make of the record as the public knows it; of one decided on, what it made of its base."""
    record = as_its_kind(proposal.record)
    before = aggregate.dump(record)
    if not proposal.is_pending:
        kept = record.revisions.filter(number=proposal.base_version).first()
        before = kept.state if kept else before
    return lines(type(record), before, proposal.state)


def lines_of_record(record: RecordModel) -> list[Line]:
    """All that a record says: what a publisher reads of one that was never public."""
    return lines(type(record)._meta.concrete_model, {}, aggregate.dump(record))


def lines(model: type[RecordModel], before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Line]:
    """The differences of two states, each with what the later one cites for it."""
    cited = after.get("citations", ())
    sources = {source.slug: source for source in Source.objects.filter(slug__in={row["source"] for row in cited})}
    return [
        Line(one, list(_evidence(one, cited, sources)))
        for one in differences(model, before, after)
        if not one.field.startswith("old_slugs.")
    ]


def _evidence(one: Difference, cited: Iterable[Mapping], sources: Mapping[str, Source]) -> Iterable[Evidence]:
    for row in cited:
        is_about = row["field"] == one.field or one.field.startswith(f"{row['field']}.")
        if is_about and row["source"] in sources:
            where = Citation(
                section=row.get("section", ""),
                line_first=row.get("line_first"),
                line_last=row.get("line_last"),
                locator_note=row.get("locator_note", ""),
            ).locator
            yield Evidence(sources[row["source"]], where, row["stated_value"], row.get("quote", ""))


def hidden_names(proposal: Proposal) -> list[Record]:
    """What a change names that is not public: it has to be published first."""
    record = as_its_kind(proposal.record)
    with aggregate.rehearsal():
        try:
            stored, _changed = aggregate.store(type(record), proposal.state, record=record)
        except aggregate.AggregateError:
            return []
        return list(in_the_way(stored))
