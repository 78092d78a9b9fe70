"""Makers of records: each fills in what a test is not about. Everything is published unless the test says otherwise."""

from datetime import date

import factory

from eccp.records import models as records
from eccp.reference import models as reference
from markets import models as markets
from partnerships import models as partnerships
from programmes import models as programmes


class RecordFactory(factory.django.DjangoModelFactory):
    """What every record has."""

    class Meta:
        abstract = True
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"test-{n}")
    name = factory.LazyAttribute(lambda made: f"Name of {made.slug}")
    publication_status = "published"
    verified_on = date(2018, 12, 18)


def linked(name):
    """A many-to-many field that takes a list of records."""

    @factory.post_generation
    def link(made, create, extracted, **kwargs):
        if extracted:
            getattr(made, name).set(extracted)

    return link


class SourceFactory(RecordFactory):
    class Meta:
        model = records.Source

    dated = "2018-12"


class CitationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = records.Citation

    source = factory.SubFactory(SourceFactory)
    field = "name"
    stated_value = "as stated"


class AreaFactory(RecordFactory):
    class Meta:
        model = reference.Area

    area_kind = "world_region"


class CountryFactory(RecordFactory):
    """A country that ISO does not know, so that it never meets one of the loaded ones."""

    class Meta:
        model = reference.Country

    slug = factory.Sequence(lambda n: f"X{n}")
    # Of those that ISO leaves to its users (XAA to XZZ): any other may be the code of a country that is loaded.
    alpha3 = factory.Sequence(lambda n: f"X{chr(65 + n // 26 % 26)}{chr(65 + n % 26)}")


class SectorFactory(RecordFactory):
    class Meta:
        model = reference.Sector

    ecosystem = "health"


class RegionFactory(RecordFactory):
    class Meta:
        model = reference.Region

    country = factory.SubFactory(CountryFactory)
    scheme = "NUTS 2024"


class OrganisationFactory(RecordFactory):
    class Meta:
        model = reference.Organisation

    kind = "cluster"
    countries = linked("countries")
    regions = linked("regions")
    sectors = linked("sectors")
    stated_countries = linked("stated_countries")


class ProgrammeFactory(RecordFactory):
    class Meta:
        model = programmes.Programme

    kind = "funding"


class EditionFactory(RecordFactory):
    class Meta:
        model = programmes.Edition

    programme = factory.SubFactory(ProgrammeFactory)


class StrandFactory(RecordFactory):
    class Meta:
        model = programmes.Strand

    programme = factory.SubFactory(ProgrammeFactory)


class IndicatorFactory(RecordFactory):
    class Meta:
        model = markets.Indicator

    unit = "trillion JPY"


class ObservationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = markets.Observation

    indicator = factory.SubFactory(IndicatorFactory)
    key = factory.Sequence(lambda n: f"o{n}")
    value = 1
    period = "2013"


class OutlookFactory(RecordFactory):
    class Meta:
        model = markets.Outlook

    sector = factory.SubFactory(SectorFactory)
    direction = "growing"


class PolicyMeasureFactory(RecordFactory):
    class Meta:
        model = markets.PolicyMeasure

    kind = "law"
    countries = linked("countries")
    sectors = linked("sectors")


class MarketPlayerFactory(RecordFactory):
    class Meta:
        model = markets.MarketPlayer

    organisation = factory.SubFactory(OrganisationFactory)
    sector = factory.SubFactory(SectorFactory)
    area = factory.SubFactory(AreaFactory)

    @classmethod
    def _adjust_kwargs(cls, **kwargs):
        return kwargs | {"area": records.Record.objects.get(pk=kwargs["area"].pk)}


class PartnershipFactory(RecordFactory):
    """A partnership; ``european`` and ``partner`` take its participants on either side."""

    class Meta:
        model = partnerships.Partnership

    stage = "active"
    sectors = linked("sectors")
    target_countries = linked("target_countries")

    @factory.post_generation
    def european(self, create, extracted, **kwargs):
        for organisation in extracted or ():
            self.participants.create(organisation=organisation, side="european")

    @factory.post_generation
    def partner(self, create, extracted, **kwargs):
        for organisation in extracted or ():
            self.participants.create(organisation=organisation, side="partner")


class ParticipationFactory(RecordFactory):
    class Meta:
        model = partnerships.Participation

    programme = factory.SubFactory(ProgrammeFactory)
    partnership = factory.Maybe("consortium", None, factory.SubFactory(PartnershipFactory))
    consortium = None


class AgreementFactory(RecordFactory):
    """An agreement; ``parties`` takes organisations."""

    class Meta:
        model = partnerships.Agreement

    type = "mou"
    level = "cluster"
    evidence = factory.SubFactory(SourceFactory)
    sectors = linked("sectors")

    @factory.post_generation
    def parties(self, create, extracted, **kwargs):
        for organisation in extracted or ():
            self.parties.create(organisation=organisation)


class ActivityFactory(RecordFactory):
    class Meta:
        model = partnerships.Activity

    kind = "mission"
    state = "held"
    countries = linked("countries")
    organisations = linked("organisations")


class GoodPracticeFactory(RecordFactory):
    class Meta:
        model = partnerships.GoodPractice

    partnership = factory.SubFactory(PartnershipFactory)


class ContactPointFactory(RecordFactory):
    class Meta:
        model = partnerships.ContactPoint

    organisation = factory.SubFactory(OrganisationFactory)
    role = "contact for cooperation with Japan"


#: One maker for every kind of record.
FACTORIES = {
    factory_class._meta.model._meta.model_name: factory_class for factory_class in RecordFactory.__subclasses__()
}
