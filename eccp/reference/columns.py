"""The columns of the lists of organisations, sectors, countries and regions."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from eccp.listing.columns import Address, CodesTwin, Counted, Date, Many, One, Rows, Text, Texts, WebAddress, Word
from eccp.reference.models import EU, AreaKind, Ecosystem, OrganisationKind
from eccp.reference.ways import COUNTRIES, PARTNERSHIPS, REGIONS


def _world_region(country):
    return next((row.area for row in country.memberships.all() if row.area.area_kind == AreaKind.WORLD_REGION), None)


def _eu_membership(country):
    return next((row for row in country.memberships.all() if row.area.slug == EU), None)


ID = Text(
    "id",
    _("Id"),
    lambda row: row.slug,
    _("The id in addresses: a slug or an official code."),
    shown=False,
    edits="slug",
)
CODE = Text("id", _("Code"), lambda row: row.slug, _("The id in addresses: a slug or an official code."))
NAME = Text(
    "name", _("Name"), lambda row: row.name, _("The name it is shown under, in English."), searched=True, edits="name"
)
NATIVE_NAME = Text(
    "native_name",
    _("Native name"),
    lambda row: row.native_name,
    _("In its own language and script."),
    searched=True,
    edits="native_name",
)

ORGANISATION_COLUMNS = [
    ID,
    NAME,
    NATIVE_NAME,
    Texts(
        "aliases",
        _("Other names"),
        help=_("Variants, acronyms and misprints."),
        paths=(("aliases__name", Q()),),
        shown=False,
        searched=True,
        edits=Rows("aliases", "name"),
    ),
    Word(
        "kind", _("Kind"), lambda row: row.kind, _("What kind of body it is."), choices=OrganisationKind, edits="kind"
    ),
    Many(
        "countries",
        _("Countries"),
        help=_("Its countries; of a consortium, those of its members."),
        paths=COUNTRIES,
        edits="countries",
    ),
    CodesTwin(
        "region_codes",
        _("Region codes"),
        help=_("NUTS or ISO 3166-2 codes."),
        paths=REGIONS,
        shown=False,
        edits="regions",
    ),
    Many(
        "regions",
        _("Regions"),
        help=_("Its regions; of a consortium, those of its members."),
        paths=REGIONS,
        edits="regions",
    ),
    Many("sectors", _("Sectors"), help=_("Fields of activity."), paths=(("sectors", Q()),), edits="sectors"),
    WebAddress(
        "website", _("Website"), lambda row: row.website, _("Its own web address."), shown=False, edits="website"
    ),
    Counted(
        "partnership_count",
        _("Partnerships"),
        help=_("Partnerships it takes part in, itself or through a consortium, each counted once."),
        paths=PARTNERSHIPS,
    ),
    Date(
        "verified_on",
        _("Checked on"),
        lambda row: row.verified_on,
        _("The day somebody checked the source."),
        edits="verified_on",
    ),
    Address("url", _("Address"), lambda row: ("organisations", row.slug), _("Its page.")),
]

SECTOR_COLUMNS = [
    ID,
    NAME,
    NATIVE_NAME,
    One("parent", _("Part of"), help=_("The sector that includes it."), path="parent", edits="parent"),
    Word(
        "ecosystem",
        _("Industrial ecosystem"),
        lambda row: row.ecosystem,
        _("Of the EU’s 14."),
        choices=Ecosystem,
        edits="ecosystem",
    ),
    Text("nace_code", _("NACE code"), lambda row: row.nace_code, _("Where one fits."), edits="nace_code"),
    Text(
        "nace_revision",
        _("NACE revision"),
        lambda row: row.nace_revision,
        _("The revision of the code."),
        edits="nace_revision",
    ),
    Address("url", _("Address"), lambda row: ("sectors", row.slug), _("Its page.")),
]

COUNTRY_COLUMNS = [
    CODE,
    NAME,
    NATIVE_NAME,
    One("parent", _("Part of"), _world_region, _("World region (UN M49).")),
    Text("alpha3", _("ISO 3166-1 alpha-3"), lambda row: row.alpha3, _("Three-letter code."), searched=True),
    Date(
        "eu_joined",
        _("Joined the EU"),
        lambda row: (membership := _eu_membership(row)) and membership.joined_on,
        _("First day of membership."),
    ),
    Date(
        "eu_left",
        _("Left the EU"),
        lambda row: (membership := _eu_membership(row)) and membership.left_on,
        _("Last day of membership."),
    ),
    Address("url", _("Address"), lambda row: ("countries", row.slug), _("Its page.")),
]

REGION_COLUMNS = [
    CODE,
    NAME,
    NATIVE_NAME,
    One("parent", _("Part of"), lambda row: row.parent or row.country, _("The region or country above it.")),
    One("country", _("Country"), help=_("The country it lies in."), path="country"),
    Text("scheme", _("Classification"), lambda row: row.scheme, _("Which its code belongs to, with version.")),
    Address("url", _("Address"), lambda row: ("regions", row.slug), _("Its page.")),
]
