"""The columns of the lists of partnerships, agreements, activities and participations."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from eccp.listing.columns import (
    Address,
    Counted,
    Date,
    DayWord,
    IsThere,
    Latest,
    Many,
    Number,
    One,
    Rows,
    Text,
    Word,
    Words,
)
from eccp.listing.ways import through_published
from partnerships.models import (
    STATUSES_LAST_KNOWN,
    ActivityKind,
    ActivityState,
    AgreementLevel,
    AgreementStatus,
    AgreementType,
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
    TAKERS_COUNTRIES,
    TARGETS,
    taken_part,
)

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
    Many(
        "european_countries",
        _("European countries"),
        help=_("Countries of the participants on the European side."),
        paths=EUROPEAN_COUNTRIES,
    ),
    Many(
        "partner_countries",
        _("Partner countries"),
        help=_("Countries of the partner side, and target countries."),
        paths=PARTNER_COUNTRIES,
    ),
    Many(
        "european_regions",
        _("European regions"),
        help=_("Regions of the participants on the European side; of a consortium, those of its members."),
        paths=EUROPEAN_REGIONS,
        shown=False,
    ),
    Many(
        "partner_regions",
        _("Partner regions"),
        help=_("Regions of the participants on the partner side; of a consortium, those of its members."),
        paths=PARTNER_REGIONS,
        shown=False,
    ),
    Many(
        "european_organisations",
        _("European organisations"),
        help=_("Participants on the European side."),
        paths=((PARTICIPANT, Q(participants__side=Side.EUROPEAN)),),
        edits=Rows("participants", "organisation", (("side", Side.EUROPEAN),)),
    ),
    Many(
        "partner_organisations",
        _("Partner organisations"),
        help=_("Participants on the partner side."),
        paths=((PARTICIPANT, Q(participants__side=Side.PARTNER)),),
        edits=Rows("participants", "organisation", (("side", Side.PARTNER),)),
    ),
    Many("sectors", _("Sectors"), help=_("Fields of activity."), paths=(("sectors", Q()),), edits="sectors"),
    Many(
        "programmes",
        _("Programmes"),
        help=_("Programmes it or its consortium takes part in."),
        paths=taken_part("programme"),
    ),
    Words(
        "agreement_types",
        _("Agreements"),
        help=_("Types of the agreements signed or negotiated."),
        choices=AgreementType,
        paths=(through_published("agreements", "type"),),
    ),
    Latest(
        "latest_agreement_signed",
        _("Latest agreement signed"),
        help=_("When the newest agreement was signed."),
        paths=(through_published("agreements", "signed"),),
    ),
    IsThere(
        "good_practice",
        _("Good practice"),
        help=_("Whether a source presents it as a good practice."),
        shown=False,
        paths=(through_published("good_practice", "pk"),),
    ),
    Counted(
        "source_count",
        _("Sources"),
        help=_("How many sources its facts rest on."),
        paths=(through_published("citations__source", "pk"),),
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
    Many(
        "parties",
        _("Parties"),
        help=_("Who signed."),
        paths=((PARTY, Q()),),
        edits=Rows("parties", "organisation"),
    ),
    Many("countries", _("Countries"), help=_("Countries of the parties."), paths=PARTY_COUNTRIES, shown=False),
    Many("regions", _("Regions"), help=_("Regions of the parties."), paths=PARTY_REGIONS, shown=False),
    Many(
        "sectors",
        _("Sectors"),
        help=_("Fields it is about."),
        paths=(("sectors", Q()),),
        shown=False,
        edits="sectors",
    ),
    One(
        "partnership",
        _("Partnership"),
        help=_("The partnership it belongs to."),
        path="partnership",
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
        help=_("The earlier agreement it renews."),
        path="supersedes",
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
    Many(
        "countries",
        _("Countries"),
        help=_("Where it took place."),
        paths=(("countries", Q()), ("region__country", Q())),
        edits="countries",
    ),
    One(
        "partnership",
        _("Partnership"),
        help=_("The partnership it belongs to."),
        path="partnership",
        edits="partnership",
    ),
    Many(
        "organisations",
        _("Organisations"),
        help=_("Who took part."),
        paths=(("organisations", Q()),),
        edits="organisations",
    ),
    Address("url", _("Address"), lambda row: ("activities", row.slug), _("The page of the activity.")),
]

PARTICIPATION_COLUMNS = [
    Text("id", _("Id"), lambda row: row.slug, _("The participation’s id in addresses."), shown=False, edits="slug"),
    One("programme", _("Programme"), help=_("The programme taken part in."), path="programme", edits="programme"),
    One("edition", _("Edition"), help=_("The round of the programme."), path="edition", edits="edition"),
    One("strand", _("Strand"), help=_("The line of the programme."), path="strand", edits="strand"),
    One(
        "consortium",
        _("Consortium"),
        help=_("The consortium that takes part."),
        path="consortium",
        edits="consortium",
    ),
    One(
        "partnership",
        _("Partnership"),
        help=_("The partnership that takes part."),
        path="partnership",
        edits="partnership",
    ),
    Many(
        "countries",
        _("Countries"),
        help=_("Countries of those that take part."),
        paths=TAKERS_COUNTRIES,
    ),
    Many(
        "target_countries",
        _("Target countries"),
        help=_("Countries that the consortium or partnership aims at."),
        paths=TARGETS,
    ),
    Date("started", _("Started"), lambda row: row.started, _("As precise as the source states it."), edits="started"),
    Date("renewed", _("Renewed"), lambda row: row.renewed, _("As precise as the source states it."), edits="renewed"),
    Address("url", _("Address"), lambda row: ("participations", row.slug), _("The page of the participation.")),
]
