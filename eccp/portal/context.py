"""What every page knows: the ways through the site, and how old what it shows is."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from eccp.listing.files import LICENCE, LICENCE_NAME
from eccp.listing.index import index
from eccp.listing.listings import LISTINGS, Listing
from eccp.listing.versions import data_version


@dataclass(frozen=True)
class Section:
    """One item of the main navigation: a list, or several that belong together."""

    label: str | Promise
    names: tuple[str, ...]

    @property
    def listings(self) -> list[type[Listing]]:
        return [LISTINGS[name] for name in self.names if name in LISTINGS]


SECTIONS = (
    Section(_("Partnerships"), ("partnerships", "activities")),
    Section(_("Agreements"), ("agreements",)),
    Section(_("Organisations"), ("organisations",)),
    Section(_("Programmes"), ("programmes", "participations")),
    Section(_("Markets"), ("indicators", "observations", "measures")),
    Section(_("Sectors and places"), ("sectors", "countries", "regions")),
    Section(_("Sources"), ("sources", "citations")),
)


class Site:
    """Facts about the site as a whole, each read only when a page asks for it."""

    name = "ECCP Registry"
    sections = SECTIONS
    licence, licence_name = LICENCE, LICENCE_NAME

    def __init__(self, request: HttpRequest):
        self._request = request

    @property
    def contact_email(self) -> str:
        """Where readers write to; "" where the operator gave none."""
        return settings.CONTACT_EMAIL

    @cached_property
    def _version(self) -> tuple[int, datetime | None]:
        # A public page is of the version at which it was begun; others are of no version in particular.
        return getattr(self._request, "data_version", None) or data_version()

    @property
    def data_version(self) -> int:
        """How often the data has changed."""
        return self._version[0]

    @property
    def changed_at(self) -> datetime | None:
        """When the data last changed."""
        return self._version[1]

    @cached_property
    def checked(self) -> tuple[date, date] | None:
        """The first and the last day on which somebody checked the sources of a partnership or agreement."""
        found = [index.snapshot(LISTINGS[name]).extent("verified_on") for name in ("partnerships", "agreements")]
        known = [extent for extent in found if extent]
        return (min(first for first, _last in known), max(last for _first, last in known)) if known else None


def site(request):
    """Names that every template may use."""
    return {"site": Site(request)}
