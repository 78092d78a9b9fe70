"""A made-up registry of any size, always the same: for demonstrations, and to measure with.

Its shape is that of a large programme's data: an organisation for every five partnerships, few of them in many
partnerships, five participants each, one to three sectors, none to three agreements, none to two participations.
Places and sectors are those of ``fixtures/reference``, every name and text is made of the words below.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import count, islice
from operator import attrgetter
from random import Random
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction

from eccp.records import papers, version
from eccp.records.dates import PartialDate
from eccp.records.models import Citation, Record, RecordModel, Source
from eccp.reference.models import Country, Organisation, OrganisationKind, Region, Sector
from partnerships.models import (
    Agreement,
    AgreementLevel,
    AgreementParty,
    AgreementType,
    Participant,
    Participation,
    Partnership,
    Role,
    Side,
    Stage,
)
from programmes.models import Edition, Programme, ProgrammeKind

SEED = 20181201
COUNTRIES, REGIONS, SOURCES, PROGRAMMES = 50, 400, 500, 40
PARTICIPANTS = 5
RARE = "quicksilver"  # one summary in ten thousand has it
_TOGETHER = 2000  # records made and stored at once
_VERIFIED = date(2018, 12, 1)


def _each(words: str) -> list[str]:
    return words.split()


_FIELDS = _each(
    "bio photonics textile marine hydrogen battery robotics materials food health satellite timber mobility energy "
    "water optics packaging ceramics sensors polymer"
)
_BODIES = _each("Cluster Network Alliance Valley Platform Centre Forum Association Hub Council")
_PLACES = _each("North South East West Upper Lower Greater Coastal Central Lakeside Inner Outer")
_JAPANESE = _each("兵庫 神戸 東京 大阪 京都 福島 北海道 九州 愛知 長野 静岡 広島")
_WORDS = _each(
    "cooperation of both sides started with a visit and grew into joint work on standards trials exchange training "
    "market entry research samples demonstration pilot plant licence supply chain investors students laboratories "
    "companies members regional government support workshop agenda results shared measured published followed renewed "
    "export sourcing prototype regulation certification hospital factory harbour grid software data quality safety"
)


def synthesize(partnerships: int, said: Callable[[str], Any] = lambda line: None) -> None:
    """Fill an empty registry with ``partnerships`` made-up partnerships and all that belongs to them."""
    with transaction.atomic(), version.raised_once():
        papers.load([settings.BASE_DIR / "fixtures" / papers.REFERENCE])
        Maker(Random(SEED), partnerships).make(said)  # noqa: S311 - the same every time is what it is for


@dataclass
class Maker:
    """One run: what has been made so far and is named by what comes."""

    random: Random
    size: int
    numbers: dict[str, Iterator[int]] = field(default_factory=dict)

    def make(self, said: Callable[[str], Any]) -> None:
        # Sorted here: each database has an order of its own for letters, and for what is not known.
        drawn = sorted(
            Country.objects.all(), key=lambda row: (row.tile_column is None, -(row.tile_column or 0), row.slug)
        )
        self.countries = drawn[:COUNTRIES]
        self.sectors = sorted(Sector.objects.all(), key=attrgetter("slug"))
        self.regions = self._regions()
        self.sources = list(stored(self._sources()))
        self.programmes, self.editions = self._programmes()
        self.organisations = self._organisations()
        said(f"{len(self.organisations)} organisations")
        done = 0
        for numbers in in_parts(range(self.size), _TOGETHER):
            self._partnerships(len(numbers))
            done += len(numbers)
            said(f"{done} partnerships")

    # ── what is named ──

    def _regions(self) -> list[Region]:
        known = sorted(Region.objects.select_related("country"), key=attrgetter("slug"))
        for number in range(len(known), REGIONS):
            country = self.countries[number % len(self.countries)]
            fields = {"country": country, "scheme": "made up", "name": f"{self._place()} {country.name} {number}"}
            region = Region(**self._common("region", slug=f"{country.slug}-S{number}", **fields))
            region.save()
            known.append(region)
        return known

    def _sources(self) -> Iterator[Source]:
        for number in range(SOURCES):
            fields = {"name": f"Report {number} on {self.random.choice(_FIELDS)}", "dated": self._year(2014, 2018)}
            yield Source(publisher=f"{self._place()} Agency", **self._common("source", **fields))

    def _programmes(self) -> tuple[list[Programme], list[Edition]]:
        programmes, editions = [], []
        for number in range(PROGRAMMES):
            name = f"{self.random.choice(_FIELDS).title()} {self._place()} Programme {number}"
            programme = Programme(
                kind=self.random.choice(ProgrammeKind.values), acronym=f"P{number}",
                parent=programmes[number % 8] if number >= 8 else None, **self._common("programme", name=name),
            )  # fmt: skip
            programme.save()
            programmes.append(programme)
            for year in (2015, 2017):
                name = f"{programme.name} {year}"
                editions.append(Edition(programme=programme, period=str(year), **self._common("edition", name=name)))
        return programmes, list(stored(editions))

    def _organisations(self) -> list[Organisation]:
        kinds = [OrganisationKind.CLUSTER] * 5 + [kind for kind in OrganisationKind if kind != "consortium"]
        made = []
        for number in range(max(10, self.size // 5)):
            region = self.random.choice(self.regions)
            name = f"{self._place()} {self.random.choice(_FIELDS).title()} {self.random.choice(_BODIES)} {number}"
            native = (
                f"{self.random.choice(_JAPANESE)}産業{self.random.choice(_JAPANESE)}協会" if number % 5 == 0 else ""
            )
            fields = self._common("organisation", name=name, native_name=native)
            organisation = Organisation(kind=self.random.choice(kinds), **fields)
            organisation.region, organisation.place = region, region.country
            made.append(organisation)
        made = list(stored(made))
        link(Organisation.countries, ((row, row.place) for row in made))
        link(Organisation.regions, ((row, row.region) for row in made))
        link(Organisation.sectors, ((row, self.random.choice(self.sectors)) for row in made))
        self.european = [row for row in made if row.place.slug != "JP"]
        self.partner = made
        return made

    # ── partnerships and what belongs to them ──

    def _partnerships(self, number: int) -> None:
        made = list(stored(self._partnership() for _number in range(number)))
        taking_part = {row.pk: self._participants(row) for row in made}
        rows = [row for found in taking_part.values() for row in found]
        Participant.objects.bulk_create(rows)
        link(
            Partnership.sectors,
            ((row, sector) for row in made for sector in self.random.sample(self.sectors, self.random.randint(1, 3))),
        )
        targeted = [row for row in made if row.stage == Stage.TARGETED]
        link(Partnership.target_countries, ((row, self.random.choice(self.countries)) for row in targeted))
        signed = [row for row in made for _number in range(self.random.choice((0, 0, 1, 1, 1, 2, 3)))]
        agreements = list(stored(self._agreement(row) for row in signed))
        AgreementParty.objects.bulk_create(
            AgreementParty(agreement=row, organisation_id=taker.organisation_id, side=taker.side)
            for row in agreements
            for taker in taking_part[row.partnership_id][:2]
        )
        link(Agreement.sectors, ((row, self.random.choice(self.sectors)) for row in agreements))
        labelled = [row for row in made for _number in range(self.random.choice((0, 0, 1, 1, 2)))]
        for _row in stored(self._participation(row) for row in labelled):
            pass
        Citation.objects.bulk_create(self._citation(row) for row in made)

    def _partnership(self) -> Partnership:
        first, second = self.random.choice(_PLACES), self.random.choice(_PLACES)
        name = f"{first} – {second} {self.random.choice(_FIELDS)} partnership {self._number('title')}"
        summary = " ".join(self.random.choices(_WORDS, k=self.random.randint(30, 120)))
        if self.random.random() < 1e-4:
            summary += f" {RARE}"
        stage = self.random.choice(Stage.values)
        started = self._date(2005, 2018) if self.random.random() < 0.9 else None
        return Partnership(stage=stage, started=started, **self._common("partnership", name=name, summary=summary))

    def _participants(self, partnership: Partnership) -> list[Participant]:
        # The square of a chance: some organisations take part in very many partnerships, most in few.
        found: dict[int, str] = {}
        while len(found) < PARTICIPANTS:
            side = Side.EUROPEAN if len(found) < 3 else Side.PARTNER
            among = self.european if side == Side.EUROPEAN else self.partner
            found.setdefault(among[int(len(among) * self.random.random() ** 2)].pk, side)
        return [
            Participant(partnership=partnership, organisation_id=pk, side=side, role=Role.PARTNER)
            for pk, side in found.items()
        ]

    def _agreement(self, partnership: Partnership) -> Agreement:
        made = Agreement(
            type=self.random.choice(AgreementType.values), level=self.random.choice(AgreementLevel.values),
            partnership=partnership, evidence=self.random.choice(self.sources), signed=self._date(2008, 2018),
            duration_months=self.random.choice((None, 24, 36, 60, 120)),
            **self._common("agreement", name=f"Agreement {self._number('signed')} of {partnership.name}"),
        )  # fmt: skip
        made.ends_on = made._last_day()
        return made

    def _participation(self, partnership: Partnership) -> Participation:
        edition = self.random.choice(self.editions)
        fields = self._common("participation", name=f"{partnership.name} in {edition.name}")
        return Participation(partnership=partnership, programme=edition.programme, edition=edition, **fields)

    def _citation(self, partnership: Partnership) -> Citation:
        return Citation(
            record_id=partnership.pk, key=f"partnership.{partnership.slug}.name.1", field="name",
            source=self.random.choice(self.sources), section="1", stated_value=partnership.name,
        )  # fmt: skip

    # ── small things ──

    def _number(self, of: str) -> int:
        return next(self.numbers.setdefault(of, count(1)))

    def _common(self, kind: str, **fields) -> dict[str, Any]:
        slug = fields.pop("slug", "") or f"{kind}-{self._number(kind)}"
        return {"slug": slug, "publication_status": "published", "verified_on": _VERIFIED} | fields

    def _place(self) -> str:
        return self.random.choice(_PLACES)

    def _year(self, first: int, last: int) -> PartialDate:
        return PartialDate.parse(str(self.random.randint(first, last)))

    def _date(self, first: int, last: int) -> PartialDate:
        year = self._year(first, last)
        precise = self.random.choice(("", "-{:02}", "-{:02}-{:02}"))
        return PartialDate.parse(year.text + precise.format(self.random.randint(1, 12), self.random.randint(1, 28)))


def in_parts(rows: Iterable, size: int) -> Iterator[list]:
    """``rows`` in lists of ``size``, as they come."""
    coming = iter(rows)
    while part := list(islice(coming, size)):
        yield part


def stored(made: Iterable[RecordModel]) -> Iterator[RecordModel]:
    """Each of ``made``, all of one kind, stored: many at once, which Django does only for one table."""
    for rows in in_parts(made, _TOGETHER):
        model = type(rows[0])
        common = [field.attname for field in Record._meta.concrete_fields if not field.primary_key]
        for row in rows:
            row.record_kind = model._meta.model_name
        parents = Record.objects.bulk_create(Record(**{name: getattr(row, name) for name in common}) for row in rows)
        for row, parent in zip(rows, parents, strict=True):
            row.pk = row.id = parent.pk
        fields = model._meta.local_concrete_fields
        for part in in_parts(rows, max(1, connection.ops.bulk_batch_size(fields, rows))):
            model._base_manager._insert(part, fields=fields, using=connection.alias)
        yield from rows


def link(relation, pairs: Iterable[tuple[models.Model, models.Model]]) -> None:
    """Store many links of one many-to-many relation."""
    through, source, target = relation.through, relation.field.m2m_field_name(), relation.field.m2m_reverse_field_name()
    through.objects.bulk_create(
        (through(**{f"{source}_id": one.pk, f"{target}_id": other.pk}) for one, other in pairs), batch_size=_TOGETHER
    )
