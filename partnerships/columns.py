"""The columns of the lists of partnerships, agreements, activities and participations."""

from django.utils.translation import gettext_lazy as _

from eccp.listing.columns import Address, Date, DayWord, Flag, Many, Number, One, Reached, Rows, Text, Word, Words
from eccp.reference.models import Organisation
from partnerships.models import (
    STATUSES_LAST_KNOWN,
    Activity,
    ActivityKind,
    ActivityState,
    Agreement,
    AgreementLevel,
    AgreementStatus,
    AgreementType,
    Partnership,
    Side,
    Stage,
)
from partnerships.ways import (
    EUROPEAN_COUNTRIES,
    EUROPEAN_REGIONS,
    PARTNER_COUNTRIES,
    PARTNER_REGIONS,
    PARTY_COUNTRIES,
    PARTY_REGIONS,
    TAKERS_COUNTRIES,
    TARGETS,
    taken_part,
)


def organisations_of(partnership: Partnership, side: Side | None = None) -> list[Organisation]:
    """Those that take part, on one side or on either, as far as they are public."""
    taking_part = [row.organisation for row in partnership.participants.all() if side in (None, row.side)]
    return [organisation for organisation in taking_part if organisation.is_published]


def _parties(agreement: Agreement) -> list[Organisation]:
    return [party.organisation for party in agreement.parties.all() if party.organisation.is_published]


def _latest_signed(partnership: Partnership):
    dates = [agreement.signed for agreement in partnership.agreements.all() if agreement.signed]
    return max(dates, key=lambda signed: (signed.last, signed.first), default=None)


def _activity_countries(activity: Activity):
    yield from activity.countries.all()
    if activity.region:
        yield activity.region.country


VERIFIED = Date(
    "verified_on",
    _("Checked on"),
    lambda row: row.verified_on,
    _("The day somebody checked the source."),
    edits="verified_on",
)

PARTNERSHIP_COLUMNS = [
    Text("id", _("Id"), lambda row: row.slug, _("The partnership’s id in addresses."), shown=False, edits="slug"),
    Text(
        "title",
        _("Partnership"),
        lambda row: row.name,
        _("What the partnership is called."),
        searched=True,
        edits="name",
    ),
    Word(
        "stage",
        _("Stage"),
        lambda row: row.stage,
        _("How far the cooperation had come when the source was checked."),
        choices=Stage,
        edits="stage",
    ),
    Date("started", _("Started"), lambda row: row.started, _("As precise as the source states it."), edits="started"),
    Date(
        "ended", _("Ended"), lambda row: row.ended, _("As precise as the source states it."), shown=False, edits="ended"
    ),
    Reached(
        "european_countries",
        _("European countries"),
        help=_("Countries of the participants on the European side."),
        paths=EUROPEAN_COUNTRIES,
    ),
    Reached(
        "partner_countries",
        _("Partner countries"),
        help=_("Countries of the partner side, and target countries."),
        paths=PARTNER_COUNTRIES,
    ),
    Reached(
        "european_regions",
        _("European regions"),
        help=_("Regions of the participants on the European side; of a consortium, those of its members."),
        paths=EUROPEAN_REGIONS,
        shown=False,
    ),
    Reached(
        "partner_regions",
        _("Partner regions"),
        help=_("Regions of the participants on the partner side; of a consortium, those of its members."),
        paths=PARTNER_REGIONS,
        shown=False,
    ),
    Many(
        "european_organisations",
        _("European organisations"),
        lambda row: organisations_of(row, Side.EUROPEAN),
        _("Participants on the European side."),
        edits=Rows("participants", "organisation", (("side", Side.EUROPEAN),)),
    ),
    Many(
        "partner_organisations",
        _("Partner organisations"),
        lambda row: organisations_of(row, Side.PARTNER),
        _("Participants on the partner side."),
        edits=Rows("participants", "organisation", (("side", Side.PARTNER),)),
    ),
    Many("sectors", _("Sectors"), lambda row: row.sectors.all(), _("Fields of activity."), edits="sectors"),
    Reached(
        "programmes",
        _("Programmes"),
        help=_("Programmes it or its consortium takes part in."),
        paths=taken_part("programme"),
    ),
    Words(
        "agreement_types",
        _("Agreements"),
        lambda row: {agreement.type for agreement in row.agreements.all()},
        _("Types of the agreements signed or negotiated."),
        choices=AgreementType,
    ),
    Date(
        "latest_agreement_signed",
        _("Latest agreement signed"),
        _latest_signed,
        _("When the newest agreement was signed."),
    ),
    Flag(
        "good_practice",
        _("Good practice"),
        lambda row: row.is_good_practice,
        _("Whether a source presents it as a good practice."),
        shown=False,
    ),
    Number(
        "source_count",
        _("Sources"),
        lambda row: len({citation.source_id for citation in row.public_citations}),
        _("How many sources its facts rest on."),
    ),
    VERIFIED,
    Address("url", _("Address"), lambda row: ("partnerships", row.slug), _("The page of the partnership.")),
]

AGREEMENT_COLUMNS = [
    Text("id", _("Id"), lambda row: row.slug, _("The agreement’s id in addresses."), shown=False, edits="slug"),
    Text(
        "title", _("Agreement"), lambda row: row.name, _("What the agreement is called."), searched=True, edits="name"
    ),
    Word(
        "type", _("Type"), lambda row: row.type, _("What kind of agreement it is."), choices=AgreementType, edits="type"
    ),
    Word(
        "level",
        _("Level"),
        lambda row: row.level,
        _("Between whom it was concluded."),
        choices=AgreementLevel,
        edits="level",
    ),
    Many("parties", _("Parties"), _parties, _("Who signed."), edits=Rows("parties", "organisation")),
    Reached("countries", _("Countries"), help=_("Countries of the parties."), paths=PARTY_COUNTRIES, shown=False),
    Reached("regions", _("Regions"), help=_("Regions of the parties."), paths=PARTY_REGIONS, shown=False),
    Many(
        "sectors", _("Sectors"), lambda row: row.sectors.all(), _("Fields it is about."), shown=False, edits="sectors"
    ),
    One(
        "partnership",
        _("Partnership"),
        lambda row: row.partnership,
        _("The partnership it belongs to."),
        edits="partnership",
    ),
    Date("signed", _("Signed"), lambda row: row.signed, _("As precise as the source states it."), edits="signed"),
    Number(
        "duration_months",
        _("Duration in months"),
        lambda row: row.duration_months,
        _("How long it is to last, in months."),
        shown=False,
        edits="duration_months",
    ),
    Date(
        "ends",
        _("Ends"),
        lambda row: row.known_end,
        _("The known end: as stated, or the last day of its term, computed from start and duration."),
    ),
    DayWord(
        "status",
        _("Status"),
        help=_("Its status on the day asked about, derived from its dates."),
        choices=AgreementStatus,
        on_day=lambda queryset, on: queryset.with_status(on).values_list("pk", "status"),
        last_known=STATUSES_LAST_KNOWN,
    ),
    One(
        "supersedes",
        _("Renews"),
        lambda row: row.supersedes,
        _("The earlier agreement it renews."),
        shown=False,
        edits="supersedes",
    ),
    VERIFIED,
    Address("url", _("Address"), lambda row: ("agreements", row.slug), _("The page of the agreement.")),
]

ACTIVITY_COLUMNS = [
    Text("id", _("Id"), lambda row: row.slug, _("The activity’s id in addresses."), shown=False, edits="slug"),
    Text("title", _("Activity"), lambda row: row.name, _("What took place."), searched=True, edits="name"),
    Word(
        "kind", _("Kind"), lambda row: row.kind, _("What kind of activity it is."), choices=ActivityKind, edits="kind"
    ),
    Word(
        "state",
        _("State"),
        lambda row: row.state,
        _("Whether a source says it was held, announced, or neither."),
        choices=ActivityState,
        edits="state",
    ),
    Date("started", _("Started"), lambda row: row.started, _("As precise as the source states it."), edits="started"),
    Date(
        "ended", _("Ended"), lambda row: row.ended, _("As precise as the source states it."), shown=False, edits="ended"
    ),
    Text("place", _("Place"), lambda row: row.place, _("Where it took place."), searched=True, edits="place"),
    Many("countries", _("Countries"), _activity_countries, _("Where it took place."), edits="countries"),
    One(
        "partnership",
        _("Partnership"),
        lambda row: row.partnership,
        _("The partnership it belongs to."),
        edits="partnership",
    ),
    Many(
        "organisations",
        _("Organisations"),
        lambda row: row.organisations.all(),
        _("Who took part."),
        edits="organisations",
    ),
    Address("url", _("Address"), lambda row: ("activities", row.slug), _("The page of the activity.")),
]

PARTICIPATION_COLUMNS = [
    Text("id", _("Id"), lambda row: row.slug, _("The participation’s id in addresses."), shown=False, edits="slug"),
    One("programme", _("Programme"), lambda row: row.programme, _("The programme taken part in."), edits="programme"),
    One("edition", _("Edition"), lambda row: row.edition, _("The round of the programme."), edits="edition"),
    One("strand", _("Strand"), lambda row: row.strand, _("The line of the programme."), edits="strand"),
    One(
        "consortium",
        _("Consortium"),
        lambda row: row.consortium,
        _("The consortium that takes part."),
        edits="consortium",
    ),
    One(
        "partnership",
        _("Partnership"),
        lambda row: row.partnership,
        _("The partnership that takes part."),
        edits="partnership",
    ),
    Reached(
        "countries",
        _("Countries"),
        help=_("Countries of those that take part."),
        paths=TAKERS_COUNTRIES,
    ),
    Reached(
        "target_countries",
        _("Target countries"),
        help=_("Countries that the consortium or partnership aims at."),
        paths=TARGETS,
    ),
    Date("started", _("Started"), lambda row: row.started, _("As precise as the source states it."), edits="started"),
    Date("renewed", _("Renewed"), lambda row: row.renewed, _("As precise as the source states it."), edits="renewed"),
    Address("url", _("Address"), lambda row: ("participations", row.slug), _("The page of the participation.")),
]
