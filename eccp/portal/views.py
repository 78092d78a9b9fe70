"""The pages that look across every kind of record: the front page, and what the registry says of itself."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from eccp.listing.addresses import list_path, record_path, with_query
from eccp.listing.directory import Directory
from eccp.listing.drawings import parted_bars, tile_map, year_chart
from eccp.listing.fields import UNKNOWN
from eccp.listing.index import Snapshot, index
from eccp.listing.listings import LISTINGS
from eccp.listing.views import today
from eccp.records.models import Record
from eccp.records.vocabulary import AliasKind, FigureKind, PublicationStatus, Rank
from eccp.reference.models import AreaKind, Country, Ecosystem, OrganisationKind, Region
from markets.models import Direction, MeasureKind, MeasureStatus, StepKind
from partnerships.models import (
    ActivityDirection,
    ActivityKind,
    ActivityState,
    AgreementLevel,
    AgreementStatus,
    AgreementType,
    Role,
    Side,
    Stage,
)
from programmes.models import ProgrammeKind

WAYS_IN = 10  # values of each facet shown as a way in
NEWEST = 8  # records under “what is new”
MOST_YEARS = 25  # in the drawing of agreements over the years
#: Kinds of record that are news when they change; names and codes of reference are not.
NEWS = ("partnership", "agreement", "activity", "organisation", "programme", "indicator", "policymeasure", "source")
DRAWN_STATUSES = (AgreementStatus.IN_FORCE, AgreementStatus.NO_END_RECORDED)


def front(request: HttpRequest) -> HttpResponse:
    """The front page: what this is, what it holds as of today, and the ways in."""
    on = today()
    partnerships = index.snapshot(LISTINGS["partnerships"])
    agreements = index.snapshot(LISTINGS["agreements"])
    directory = partnerships.directory
    context = {
        "on": on,
        "directory": directory,
        "counts": key_counts(partnerships, agreements, on),
        "ways": [
            (label, ways_in(partnerships, word, directory, on))
            for label, word in [
                (_("European countries"), "european_country"),
                (_("Partner countries"), "partner_country"),
                (_("Sectors"), "sector"),
                (_("Programmes"), "programme"),
            ]
        ],
        "stages": stages_by_sector(partnerships, directory, on),
        "years": agreements_by_year(agreements, on),
        "maps": maps(partnerships, on),
        "news": news(directory),
    }
    return render(request, "portal/front.html", context)


def key_counts(partnerships: Snapshot, agreements: Snapshot, on: date) -> list[dict[str, Any]]:
    """The counts in the front page's first row, each with the list that has exactly these rows."""

    def count(label, name: str, *pairs: tuple[str, str], rows: int | None = None) -> dict[str, Any]:
        total = len(index.snapshot(LISTINGS[name])) if rows is None else rows
        return {"label": label, "count": total, "url": with_query(list_path(name), list(pairs))}

    in_force = len(agreements.facet("status", on).get(AgreementStatus.IN_FORCE, ()))
    clusters = len(index.snapshot(LISTINGS["organisations"]).facet("kind", on).get(OrganisationKind.CLUSTER, ()))
    active = len(partnerships.facet("stage", on).get(Stage.ACTIVE, ()))
    return [
        count(pgettext_lazy("after a number", "partnerships"), "partnerships"),
        count(_("of them active when last checked"), "partnerships", ("stage", Stage.ACTIVE), rows=active),
        count(pgettext_lazy("after a number", "agreements"), "agreements"),
        count(_("of them in force today by their dates"), "agreements", ("status", "in_force"), rows=in_force),
        count(pgettext_lazy("after a number", "organisations"), "organisations"),
        count(_("of them clusters"), "organisations", ("kind", OrganisationKind.CLUSTER), rows=clusters),
        count(pgettext_lazy("after a number", "programmes"), "programmes"),
        count(pgettext_lazy("after a number", "market indicators"), "indicators"),
        count(pgettext_lazy("after a number", "sources"), "sources"),
        count(pgettext_lazy("after a number", "statements cited"), "citations"),
    ]


def ways_in(snapshot: Snapshot, word: str, directory: Directory, on: date) -> list[tuple[str, int, str]]:
    """The values of a word with most rows: label, count and address."""
    filters = snapshot.listing.filterset_class.base_filters
    labels = filters[word].labels(directory)
    counts = {
        code: len(rows)
        for code, rows in snapshot.facet(word, on).items()
        # Of sectors the tops of the tree: what stands under them is found in their lists.
        if code != UNKNOWN and not (word == "sector" and filters[word].parent_of(code, directory))
    }
    ranked = sorted(counts, key=lambda code: (-counts[code], str(labels[code])))
    path = list_path(snapshot.listing.name)
    return [(str(labels[code]), counts[code], with_query(path, [(word, code)])) for code in ranked[:WAYS_IN]]


def stages_by_sector(snapshot: Snapshot, directory: Directory, on: date) -> dict[str, Any]:
    """Partnerships by sector (the tree's top) and stage, drawn as bars in parts and listed as a table."""
    sectors, stages = snapshot.facet("sector", on), snapshot.facet("stage", on)
    path = list_path("partnerships")
    lines = []
    for code, rows in sectors.items():
        ref = directory.of("sector").get(code)
        if not rows or (ref is not None and ref.parent):
            continue
        label = gettext("not known") if ref is None else ref.label
        counts = {str(stage): rows.intersection_cardinality(stages.get(stage, rows - rows)) for stage in STAGES_DRAWN}
        lines.append((label, with_query(path, [("sector", code)]), counts, ref is None))
    lines.sort(key=lambda line: (line[3], -sum(line[2].values()), line[0]))
    bars, height = parted_bars([(label, url, counts) for label, url, counts, _is_unknown in lines])
    used = [stage for stage in STAGES_DRAWN if any(counts[stage] for _label, _url, counts, _last in lines)]
    return {
        "bars": bars,
        "height": height,
        "parts": [(stage, Stage(stage).label) for stage in used],
        "table": [
            (label, url, [counts[stage] for stage in used], sum(counts.values())) for label, url, counts, _last in lines
        ],
    }


#: The stages from the closest cooperation to the loosest, then those past.
STAGES_DRAWN = (Stage.ACTIVE, Stage.CONTACT, Stage.TARGETED, Stage.DORMANT, Stage.ENDED)


def agreements_by_year(snapshot: Snapshot, on: date) -> dict[str, Any]:
    """Agreements in force at the end of each year (of this year: today), and those without a recorded end."""
    signed = snapshot.extent("signed")
    if not signed:
        return {}
    years = {}
    for year in range(max(signed[0].year, on.year - MOST_YEARS), on.year + 1):
        statuses = snapshot.facet("status", min(date(year, 12, 31), on))
        years[year] = {str(status): len(statuses.get(status, ())) for status in DRAWN_STATUSES}
    path = list_path("agreements")
    return {
        "chart": year_chart(years),
        "parts": [(str(status), AgreementStatus(status).label) for status in DRAWN_STATUSES],
        "table": [
            (
                year,
                [
                    (
                        count,
                        with_query(path, [("status", word), ("as_of", min(date(year, 12, 31), on).isoformat())]),
                    )
                    for word, count in counts.items()
                ],
            )
            for year, counts in years.items()
        ],
    }


def maps(snapshot: Snapshot, on: date) -> list[dict[str, Any]]:
    """Tile maps: the European countries, and the regions of each partner country that has tiles."""
    path = list_path("partnerships")
    by_country, by_region = snapshot.facet("european_country", on), snapshot.facet("partner_region", on)
    countries = Country.objects.published().filter(tile_column__isnull=False)
    names = {kind: snapshot.directory.of(kind) for kind in ("country", "region")}
    drawn = [
        (
            place,
            names["country"][place.slug].label,
            place.slug,
            len(by_country.get(place.slug, ())),
            with_query(path, [("european_country", place.slug)]),
        )
        for place in countries
        if place.slug in names["country"]
    ]
    found = [{"id": "map-europe", "title": _("Partnerships by European country"), "places": drawn}]
    regions: dict[Country, list] = {}
    for region in Region.objects.published().filter(tile_column__isnull=False).select_related("country"):
        if region.slug not in names["region"]:
            continue  # published since the snapshot was made
        name, code = names["region"][region.slug].label, region.slug.rpartition("-")[2]
        url = with_query(path, [("partner_region", region.slug)])
        regions.setdefault(region.country, []).append((region, name, code, len(by_region.get(region.slug, ())), url))
    for country, places in regions.items():
        title = gettext("Partnerships by region of %(country)s") % {"country": names["country"][country.slug].label}
        found.append({"id": f"map-{country.slug}", "title": title, "places": places})
    return [
        {
            "id": one["id"],
            "title": one["title"],
            "map": tile_map(one["places"]),
            "table": sorted(
                ((name, code, count, url) for _place, name, code, count, url in one["places"] if count),
                key=lambda row: (-row[2], row[0]),
            ),
        }
        for one in found
    ]


def news(directory: Directory) -> list[tuple[Any, str, Any]]:
    """The records that changed last, with the list they stand in."""
    changed = Record.objects.published().filter(record_kind__in=NEWS).order_by("-changed_at", "record_kind", "slug")
    by_kind = {listing.kind(): listing for listing in LISTINGS.values() if listing.kind()}
    return [
        (directory.get(record), by_kind[record.record_kind].title, record.changed_at)
        for record in changed[:NEWEST]
        if directory.get(record) and record.record_kind in by_kind
    ]


#: The vocabularies of the registry: title, words, and where a word is not plain, what it means.
VOCABULARIES = [
    (_("Stage of a partnership"), Stage, {
        "targeted": _("a country named as target, nothing more"),
        "contact": _("first meetings, visits or events reported or announced"),
        "active": _("continuing exchange, a joint project, or a signed agreement reported"),
        "dormant": _("a source says nothing new since a stated date"),
        "ended": _("a source says that it ended"),
    }),
    (_("Side of a participant"), Side, {
        "european": _("about the partnership, not about membership of the EU"),
    }),
    (_("Role of a participant"), Role, {}),
    (_("Type of an agreement"), AgreementType, {}),
    (_("Level of an agreement"), AgreementLevel, {
        "platform": _("between support organisations"),
    }),
    (_("Status of an agreement on a day"), AgreementStatus, {
        "negotiating": _("under negotiation on that day"),
        "not_yet_signed": _("its signature or effective day is after that day"),
        "unknown": _("no date of signature, and the day is before the source’s date"),
        "superseded": _("the day is after its end or the day a later agreement that renews it began"),
        "ended": _("the day is after its known end or termination"),
        "in_force": _("a known end not yet passed"),
        "no_end_recorded": _("it began, and no end is known"),
    }),
    (_("Kind of an activity"), ActivityKind, {}),
    (_("State of an activity"), ActivityState, {
        "held": _("a source says that it took place"),
        "announced": _("a source says that it was to take place"),
        "unconfirmed": _("no source says whether it took place"),
    }),
    (_("Direction of an activity"), ActivityDirection, {}),
    (_("Kind of organisation"), OrganisationKind, {}),
    (_("Kind of programme"), ProgrammeKind, {}),
    (_("Kind of policy measure"), MeasureKind, {}),
    (_("Status of a policy measure on a day"), MeasureStatus, {}),
    (_("Step of a policy measure"), StepKind, {}),
    (_("Direction of a market"), Direction, {}),
    (_("Kind of a value"), FigureKind, {
        "actual": _("measured or counted"),
        "projected": _("expected by somebody for a time"),
        "target": _("aimed at"),
    }),
    (_("Rank of a citation"), Rank, {
        "preferred": _("the registry follows it"),
        "alternative": _("differs, and is not wrong"),
        "rejected": _("differs, and is not followed; the reason is said"),
    }),
    (_("Kind of another name"), AliasKind, {}),
    (_("Industrial ecosystem"), Ecosystem, {}),
    (_("Kind of an area"), AreaKind, {}),
    (_("Publication status"), PublicationStatus, {
        "published": _("the only one the public sees"),
        "withdrawn": _("its address answers with the day and the reason"),
    }),
]  # fmt: skip


def about(request: HttpRequest) -> HttpResponse:
    """How the registry counts, what its words mean, how dates work, licence and privacy."""
    vocabularies = [
        (title, [(word, label, meanings.get(word, "")) for word, label in choices.choices])
        for title, choices, meanings in VOCABULARIES
    ]
    sources = index.snapshot(LISTINGS["sources"])
    labels = sources.directory.of("source")
    # What other sources are footnotes of is a paper, whoever published it.
    papers = [
        (labels[slug].label, record_path("sources", slug))
        for slug in sorted(sources.facet("cited_through", today()))
        if slug in labels
    ]
    return render(request, "portal/about.html", {"vocabularies": vocabularies, "papers": papers, "on": today()})


def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement."""
    return render(request, "portal/accessibility.html", {"on": today()})
