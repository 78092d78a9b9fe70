"""Who, where and what: the records every other record refers to."""

from datetime import date
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from eccp.records.dates import DayField, day_constraints
from eccp.records.models import RecordModel, RecordQuerySet, TreeModel
from eccp.records.vocabulary import choice_constraint, name_validator, not_itself_constraints

EU = "EU"  # the slug of the European Union among the areas


class AreaKind(models.TextChoices):
    UNION = "union", _("union of states")
    WORLD_REGION = "world_region", _("world region")
    WORLD = "world", _("world")


class OrganisationKind(models.TextChoices):
    CLUSTER = "cluster", _("cluster")
    CONSORTIUM = "consortium", _("consortium")
    PUBLIC_AUTHORITY = "public_authority", _("public authority")
    AGENCY = "agency", _("agency")
    PLATFORM = "platform", _("platform")
    ASSOCIATION = "association", _("association")
    FOUNDATION = "foundation", _("foundation")
    RESEARCH = "research", _("research organisation")
    INCUBATOR = "incubator", _("incubator")
    COMPANY = "company", _("company")
    UNION = "union", _("union of states")


class Ecosystem(models.TextChoices):
    """The 14 industrial ecosystems of the EU industrial strategy (COM(2021) 350)."""

    AEROSPACE_DEFENCE = "aerospace-defence", _("Aerospace and defence")
    AGRI_FOOD = "agri-food", _("Agri-food")
    CONSTRUCTION = "construction", _("Construction")
    CULTURAL_CREATIVE = "cultural-creative", _("Cultural and creative industries")
    DIGITAL = "digital", _("Digital")
    ELECTRONICS = "electronics", _("Electronics")
    ENERGY_INTENSIVE = "energy-intensive", _("Energy-intensive industries")
    ENERGY_RENEWABLES = "energy-renewables", _("Energy – renewables")
    HEALTH = "health", _("Health")
    MOBILITY = "mobility", _("Mobility – transport – automotive")
    PROXIMITY_SOCIAL = "proximity-social", _("Proximity and social economy")
    RETAIL = "retail", _("Retail")
    TEXTILE = "textile", _("Textile")
    TOURISM = "tourism", _("Tourism")


class TranslatedNames(models.Model):
    """The names of a reference record in the languages of the interface; English is the record's own name."""

    name_fr = models.CharField(_("French name"), max_length=300, blank=True, validators=[name_validator])
    name_de = models.CharField(_("German name"), max_length=300, blank=True, validators=[name_validator])
    name_ja = models.CharField(_("Japanese name"), max_length=300, blank=True, validators=[name_validator])

    is_reference = True

    class Meta:
        abstract = True


class Place(TranslatedNames):
    """Where a record lies on the globe and on the tile maps of the site."""

    latitude = models.DecimalField(
        _("latitude"),
        max_digits=6,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        _("longitude"), max_digits=6, decimal_places=3, null=True, blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )  # fmt: skip
    tile_column = models.PositiveSmallIntegerField(_("column of its tile"), null=True, blank=True)
    tile_row = models.PositiveSmallIntegerField(_("row of its tile"), null=True, blank=True)

    class Meta:
        abstract = True


def place_constraints() -> list[models.CheckConstraint]:
    """CHECKs that coordinates and tiles come in pairs, and that coordinates lie on the globe."""
    pairs = [
        models.CheckConstraint(
            condition=Q(**{f"{one}__isnull": True, f"{two}__isnull": True})
            | Q(**{f"{one}__isnull": False, f"{two}__isnull": False}),
            name=f"%(app_label)s_%(class)s_{name}_pair",
            violation_error_message=message,
        )
        for one, two, name, message in [
            ("latitude", "longitude", "position", _("Give both latitude and longitude, or neither.")),
            ("tile_column", "tile_row", "tile", _("Give both column and row of the tile, or neither.")),
        ]
    ]
    ranges = [
        models.CheckConstraint(
            condition=Q(**{f"{name}__range": (-most, most)}),
            name=f"%(app_label)s_%(class)s_{name}_on_globe",
            violation_error_message=message,
        )
        for name, most, message in [
            ("latitude", 90, _("A latitude lies between -90 and 90 degrees.")),
            ("longitude", 180, _("A longitude lies between -180 and 180 degrees.")),
        ]
    ]
    return pairs + ranges


class Area(TranslatedNames, RecordModel):
    """What a figure may be about besides a country or region: a union, a world region (UN M49), the world."""

    area_kind = models.CharField(_("kind of area"), max_length=12, choices=AreaKind)

    class Meta:
        verbose_name, verbose_name_plural = _("area"), _("areas")
        ordering = ["slug"]
        constraints = [choice_constraint("area_kind", AreaKind)]


class CountryQuerySet(RecordQuerySet):
    """The questions the site asks about countries."""

    def members_of(self, area: str, on: date) -> Self:
        """Those that belonged to ``area`` (its slug) on the day ``on``; a day of leaving still belongs."""
        began = Q(memberships__joined_on__isnull=True) | Q(memberships__joined_on__lte=on)
        lasted = Q(memberships__left_on__isnull=True) | Q(memberships__left_on__gte=on)
        return self.filter(began, lasted, memberships__area__slug=area)


class Country(Place, RecordModel):
    """A country of ISO 3166-1; its id is its alpha-2 code."""

    alpha3 = models.CharField(
        _("ISO 3166-1 alpha-3"),
        max_length=3,
        unique=True,
        validators=[RegexValidator(r"^[A-Z]{3}\Z", _("Three capital letters of ISO 3166-1."))],
    )

    objects = CountryQuerySet.as_manager()

    parts = (*RecordModel.parts, "memberships")
    address = "countries"

    class Meta:
        verbose_name, verbose_name_plural = _("country"), _("countries")
        ordering = ["slug"]
        constraints = place_constraints()


class AreaMembership(models.Model):
    """That a country belongs to an area, from the day it joined to the last day before it left."""

    country = models.ForeignKey(
        Country, verbose_name=_("country"), on_delete=models.CASCADE, related_name="memberships"
    )
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="memberships")
    joined_on = DayField(
        verbose_name=_("joined on"),
    )
    left_on = DayField(verbose_name=_("left on"), help_text=_("The last day of membership."))

    class Meta:
        verbose_name, verbose_name_plural = _("area membership"), _("area memberships")
        ordering = ["country", "area", F("joined_on").asc(nulls_first=True)]
        constraints = [
            *day_constraints("joined_on", "left_on"),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(joined_on__isnull=True) | Q(left_on__gte=F("joined_on")),
                name="%(app_label)s_%(class)s_in_order",
                violation_error_message=_("A country cannot leave before it joined."),
            ),
            models.UniqueConstraint(
                fields=["country", "area", "joined_on"],
                name="%(app_label)s_%(class)s_unique",
                violation_error_message=_("This membership is recorded already."),
            ),
            models.UniqueConstraint(
                fields=["country", "area"],
                condition=Q(joined_on__isnull=True),
                name="%(app_label)s_%(class)s_unique_undated",
                violation_error_message=_("This membership is recorded already."),
            ),
        ]

    def __str__(self):
        return f"{self.joined_on or '…'} – {self.left_on or '…'}"


class Region(Place, TreeModel):
    """A region: NUTS in Europe, ISO 3166-2 elsewhere; its id is its newest code, older codes are old ids."""

    country = models.ForeignKey(Country, verbose_name=_("country"), on_delete=models.PROTECT, related_name="regions")
    scheme = models.CharField(
        _("scheme"), max_length=20, help_text=_("The classification and its version: “NUTS 2024”.")
    )
    level = models.PositiveSmallIntegerField(default=1)

    address = "regions"

    class Meta:
        verbose_name, verbose_name_plural = _("region"), _("regions")
        ordering = ["slug"]
        constraints = [
            *place_constraints(),
            *not_itself_constraints(parent=_("A region cannot stand under itself.")),
        ]

    def clean(self):
        super().clean()
        if self.parent and self.parent.country_id != self.country_id:
            raise ValidationError({"parent": _("The parent region lies in another country.")})
        if self.pk and self.children.exclude(country=self.country_id).exists():
            raise ValidationError({"country": _("Regions under this one lie in another country; move them first.")})


class Sector(TranslatedNames, TreeModel):
    """A field of activity; the tree is the registry's own, each sector mapped to an EU industrial ecosystem."""

    ecosystem = models.CharField(_("industrial ecosystem"), max_length=20, choices=Ecosystem)
    nace_code = models.CharField(_("NACE code"), max_length=10, blank=True)
    nace_revision = models.CharField(_("NACE revision"), max_length=20, blank=True)

    address = "sectors"

    class Meta:
        verbose_name, verbose_name_plural = _("sector"), _("sectors")
        ordering = ["slug"]
        constraints = [
            choice_constraint("ecosystem", Ecosystem),
            *not_itself_constraints(parent=_("A sector cannot stand under itself.")),
            models.CheckConstraint(
                condition=Q(nace_code="", nace_revision="") | (~Q(nace_code="") & ~Q(nace_revision="")),
                name="%(app_label)s_%(class)s_nace_revision",
                violation_error_message=_("A NACE code needs its revision, and a revision its code."),
            ),
        ]

    class SectorAspect(models.TextChoices):
        CONTEXT = "context", _("Context")
        POTENTIAL = "potential", _("Potential")

    aspects = SectorAspect


class OrganisationQuerySet(RecordQuerySet):
    """The questions the site asks about organisations."""

    def clusters(self) -> Self:
        """Clusters proper: the admin's and the reader's first-class view."""
        return self.filter(kind=OrganisationKind.CLUSTER)


class Organisation(RecordModel):
    """A body that takes part: cluster, consortium, authority, agency, company … or a union of states."""

    class OrganisationAspect(models.TextChoices):
        PROFILE = "profile", _("Profile")
        CONTEXT = "context", _("Context")

    kind = models.CharField(max_length=16, choices=OrganisationKind)
    website = models.URLField(max_length=500, blank=True)
    countries = models.ManyToManyField(Country, blank=True, related_name="organisations")
    regions = models.ManyToManyField(Region, blank=True, related_name="organisations")
    sectors = models.ManyToManyField(Sector, blank=True, related_name="organisations")
    stated_countries = models.ManyToManyField(
        Country, blank=True, related_name="stated_by",
        help_text=_("For a consortium whose members are not named: the countries its source states."),
    )  # fmt: skip
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="predecessors")
    members = models.ManyToManyField("self", through="Membership", symmetrical=False, related_name="consortia")

    objects = OrganisationQuerySet.as_manager()

    parts = (*RecordModel.parts, "memberships")
    address = "organisations"
    aspects = OrganisationAspect

    class Meta:
        verbose_name, verbose_name_plural = _("organisation"), _("organisations")
        ordering = ["slug"]
        constraints = [
            choice_constraint("kind", OrganisationKind),
            *not_itself_constraints(successor=_("An organisation cannot be its own successor.")),
        ]


class Cluster(Organisation):
    """The organisations that are clusters, under their own heading in the admin."""

    class Meta:
        verbose_name, verbose_name_plural = _("cluster"), _("clusters")
        proxy = True


class Membership(models.Model):
    """That an organisation belongs to a consortium."""

    consortium = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    member = models.ForeignKey(
        Organisation, verbose_name=_("member"), on_delete=models.PROTECT, related_name="member_of"
    )
    is_lead = models.BooleanField(_("leads it"), default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("membership"), _("memberships")
        ordering = ["consortium", "member"]
        constraints = [
            models.UniqueConstraint(
                fields=["consortium", "member"],
                name="%(app_label)s_%(class)s_unique",
                violation_error_message=_("This organisation is a member already."),
            ),
            models.CheckConstraint(
                condition=~Q(consortium=F("member")),
                name="%(app_label)s_%(class)s_not_itself",
                violation_error_message=_("A consortium cannot be its own member."),
            ),
        ]

    def __str__(self):
        return str(self.member)


def place_kinds() -> tuple[str, ...]:
    """The kinds of record an indicator or figure may be about."""
    return tuple(model._meta.model_name for model in (Area, Country, Region))


def limit_to_places() -> Q:
    """For the choice of a place among all records."""
    return Q(record_kind__in=place_kinds())
