"""The filter words of the lists of partnerships, agreements, activities and participations."""

from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from eccp.listing.words import AskedWord, BoundWord, ComputedWord, ListingFilterSet, RecordWord, VocabularyWord, YesNo
from eccp.records.models import Citation, Statement
from eccp.reference.filters import EuWord
from eccp.reference.models import Country, Organisation, Region, Sector
from eccp.reference.ways import COUNTRIES, under, with_all_above
from partnerships.models import (
    ActivityKind,
    Agreement,
    AgreementLevel,
    AgreementStatus,
    AgreementType,
    GoodPractice,
    Partnership,
    Side,
    Stage,
)
from partnerships.ways import (
    EUROPEAN_COUNTRIES,
    EUROPEAN_REGIONS,
    PARTICIPANT,
    PARTNER_COUNTRIES,
    PARTNER_REGIONS,
    PARTY,
    PARTY_COUNTRIES,
    PARTY_REGIONS,
    TAKERS,
    TAKERS_COUNTRIES,
    TARGETS,
    taken_part,
    with_members,
)
from programmes.models import Edition, Programme, Strand


def agreement_types(among):
    """Pairs of partnership and type of one of its agreements."""
    return Agreement.objects.published().filter(among("partnership")).order_by().values_list("partnership_id", "type")


def no_agreements(among):
    """Pairs of partnership and ``none``: a source states that there is no agreement, and none is recorded."""
    cited = Citation.objects.public().filter(
        record=OuterRef("record"), field=Concat(Value("statements."), OuterRef("key"))
    )
    signed = Agreement.objects.published().filter(partnership=OuterRef("record"))
    absent = Statement.objects.filter(
        among("record"), Exists(cited), ~Exists(signed), aspect=Partnership.PartnershipAspect.NO_AGREEMENT
    )
    return absent.order_by().values_list("record_id", Value("none"))


def agreement_statuses(queryset, on):
    """Pairs of partnership and status of one of its agreements on the day ``on``."""
    agreements = Agreement.objects.published().filter(partnership__in=queryset.values("pk"))
    return agreements.with_status(on).values_list("partnership_id", "status").distinct()


def agreement_turns(among):
    """The same for every day: partnership, agreement, day from which on, status."""
    # Not through the partnership: PostgreSQL, which reads rows in the order written, would go through all agreements.
    return Agreement.objects.published().filter(among("partnership")).status_turns("partnership_id")


def good_practices(among):
    """Pairs of partnership and ``true``: a source presents it as a good practice."""
    practices = GoodPractice.objects.published().filter(among("partnership"))
    return practices.order_by().values_list("partnership_id", Value("true"))


class PartnershipFilterSet(ListingFilterSet):
    """The words of the list of partnerships."""

    country = RecordWord(
        _("Country, either side"),
        _("with %(values)s"),
        kinds=[Country],
        columns=("european_countries", "partner_countries"),
        paths=[*EUROPEAN_COUNTRIES, *PARTNER_COUNTRIES],
    )
    european_country = RecordWord(
        _("European country"),
        _("with %(values)s on the European side"),
        kinds=[Country],
        columns=("european_countries",),
        paths=EUROPEAN_COUNTRIES,
    )
    partner_country = RecordWord(
        _("Partner country"),
        _("with %(values)s as partner country"),
        kinds=[Country],
        columns=("partner_countries",),
        paths=PARTNER_COUNTRIES,
    )
    sector = RecordWord(
        _("Sector"), _("in %(values)s"), kinds=[Sector], columns=("sectors",), paths=["sectors__ancestors"]
    )
    programme = RecordWord(
        _("Programme"),
        _("under %(values)s"),
        kinds=[Programme],
        columns=("programmes",),
        paths=with_all_above(taken_part("programme")),
    )
    edition = RecordWord(_("Edition"), _("in the edition %(values)s"), kinds=[Edition], paths=taken_part("edition"))
    strand = RecordWord(_("Strand"), _("in the strand %(values)s"), kinds=[Strand], paths=taken_part("strand"))
    stage = VocabularyWord(_("Stage"), _("of stage %(values)s"), choices=Stage, paths=["stage"])
    agreement = AskedWord(
        _("Agreement"),
        _("with agreement: %(values)s"),
        choices=AgreementType,
        extra={"none": _("none, as a source states")},
        asks=(agreement_types, no_agreements),
        reads=["agreements", "statements", "citations__source"],
    )
    agreement_status = ComputedWord(
        _("Status of an agreement"),
        _("with an agreement of status %(values)s"),
        choices=AgreementStatus,
        compute=agreement_statuses,
        turns=agreement_turns,
        reads=["agreements__evidence", "agreements__renewals__evidence"],
    )
    good_practice = AskedWord(
        _("Good practice"),
        _("good practice: %(values)s"),
        choices=YesNo,
        asks=(good_practices,),
        otherwise="false",
        reads=["good_practice"],
    )
    eu = EuWord(countries=european_country)
    european_region = RecordWord(
        _("European region"),
        _("with %(values)s on the European side"),
        kinds=[Region],
        columns=("european_regions",),
        paths=with_all_above(EUROPEAN_REGIONS),
    )
    partner_region = RecordWord(
        _("Partner region"),
        _("with %(values)s on the partner side"),
        kinds=[Region],
        columns=("partner_regions",),
        paths=with_all_above(PARTNER_REGIONS),
    )
    region = RecordWord(
        _("Region, either side"),
        _("with %(values)s"),
        kinds=[Region],
        columns=("european_regions", "partner_regions"),
        paths=with_all_above([*EUROPEAN_REGIONS, *PARTNER_REGIONS]),
    )
    organisation = RecordWord(
        _("Organisation"),
        _("of %(values)s"),
        kinds=[Organisation],
        paths=with_members(PARTICIPANT),
    )
    target_country = RecordWord(
        _("Target country"), _("aiming at %(values)s"), kinds=[Country], paths=["target_countries"]
    )
    started_from = BoundWord(_("Started from"), _("started from %(values)s"), of="started", edge="from")
    started_to = BoundWord(_("Started up to"), _("started up to %(values)s"), of="started", edge="to")


class AgreementFilterSet(ListingFilterSet):
    """The words of the list of agreements."""

    type = VocabularyWord(_("Type"), _("of type %(values)s"), choices=AgreementType, paths=["type"])
    level = VocabularyWord(_("Level"), _("at level %(values)s"), choices=AgreementLevel, paths=["level"])
    status = ComputedWord(
        _("Status"),
        _("of status %(values)s"),
        choices=AgreementStatus,
        compute=lambda queryset, on: queryset.with_status(on).values_list("pk", "status"),
        turns=lambda among: Agreement.objects.filter(among("pk")).status_turns(),
        reads=["evidence", "renewals__evidence"],
    )
    country = RecordWord(
        _("Country"),
        _("with %(values)s"),
        kinds=[Country],
        columns=("countries",),
        paths=PARTY_COUNTRIES,
    )
    sector = RecordWord(
        _("Sector"), _("in %(values)s"), kinds=[Sector], columns=("sectors",), paths=["sectors__ancestors"]
    )
    region = RecordWord(
        _("Region"),
        _("with %(values)s"),
        kinds=[Region],
        columns=("regions",),
        paths=with_all_above(PARTY_REGIONS),
    )
    organisation = RecordWord(_("Organisation"), _("of %(values)s"), kinds=[Organisation], paths=[PARTY])
    signed_from = BoundWord(_("Signed from"), _("signed from %(values)s"), of="signed", edge="from")
    signed_to = BoundWord(_("Signed up to"), _("signed up to %(values)s"), of="signed", edge="to")


class ActivityFilterSet(ListingFilterSet):
    """The words of the list of activities."""

    kind = VocabularyWord(_("Kind"), _("of kind %(values)s"), choices=ActivityKind, paths=["kind"])
    country = RecordWord(_("Country"), _("in %(values)s"), kinds=[Country], paths=["countries", "region__country"])
    organisation = RecordWord(_("Organisation"), _("with %(values)s"), kinds=[Organisation], paths=["organisations"])
    started_from = BoundWord(_("From"), _("from %(values)s"), of="started", edge="from")
    started_to = BoundWord(_("Up to"), _("up to %(values)s"), of="started", edge="to")


class ParticipationFilterSet(ListingFilterSet):
    """The words of the list of participations."""

    programme = RecordWord(_("Programme"), _("in %(values)s"), kinds=[Programme], paths=["programme__ancestors"])
    edition = RecordWord(_("Edition"), _("in the edition %(values)s"), kinds=[Edition], paths=["edition"])
    strand = RecordWord(_("Strand"), _("in the strand %(values)s"), kinds=[Strand], paths=["strand"])
    country = RecordWord(
        _("Country"),
        _("with %(values)s"),
        kinds=[Country],
        columns=("countries",),
        paths=TAKERS_COUNTRIES,
    )
    target_country = RecordWord(
        _("Target country"),
        _("aiming at %(values)s"),
        kinds=[Country],
        columns=("target_countries",),
        paths=TARGETS,
    )
    organisation = RecordWord(
        _("Organisation"),
        _("of %(values)s"),
        kinds=[Organisation],
        paths=[path for taker in TAKERS for path in with_members(taker)],
    )
    eu = EuWord(
        countries=RecordWord(
            _("Country"),
            "",
            kinds=[Country],
            paths=[
                *under("consortium", COUNTRIES),
                *under(f"partnership__{PARTICIPANT}", COUNTRIES, Q(partnership__participants__side=Side.EUROPEAN)),
            ],
        )
    )
