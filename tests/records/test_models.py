"""Rules that hold for every model of the registry."""

import datetime

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.functional import Promise

from eccp.records.aggregate import AggregateError, dump, store
from eccp.records.models import Alias, DataVersion, Record, record_models
from eccp.records.vocabulary import name_validator
from eccp.reference.models import EU, Country, Organisation, Sector
from partnerships.models import Agreement
from tests.factories import (
    FACTORIES,
    ActivityFactory,
    AgreementFactory,
    CitationFactory,
    ContactPointFactory,
    CountryFactory,
    EditionFactory,
    ObservationFactory,
    OrganisationFactory,
    ParticipationFactory,
    PartnershipFactory,
    ProgrammeFactory,
    RegionFactory,
    SectorFactory,
    SourceFactory,
    StrandFactory,
)

OURS = [
    model
    for label in ("records", "reference", "programmes", "markets", "partnerships")
    for model in apps.get_app_config(label).get_models()
    if not model._meta.proxy
]
EVERY_MODEL = pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)


@EVERY_MODEL
def test_a_model_says_what_one_row_stands_for(model):
    assert model.__doc__
    assert not model.__doc__.startswith(f"{model.__name__}(")


@EVERY_MODEL
def test_every_constraint_speaks_to_the_curator_in_any_language(model):
    for constraint in model._meta.constraints:
        assert isinstance(constraint.violation_error_message, Promise) or model is DataVersion
        assert constraint.name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_")
        assert constraint.violation_error_message != constraint.default_violation_error_message or model is DataVersion


@EVERY_MODEL
def test_every_vocabulary_is_a_check(model):
    checks = {constraint.name for constraint in model._meta.constraints}
    for field in model._meta.local_fields:
        if field.choices:
            assert f"{model._meta.app_label}_{model._meta.model_name}_{field.name}_known" in checks


@EVERY_MODEL
def test_the_order_is_never_left_to_chance(model):
    ordering = model._meta.ordering
    if model is DataVersion:
        return
    unique = {("slug",), *(tuple(c.fields) for c in model._meta.constraints if isinstance(c, models.UniqueConstraint))}
    unique |= {(field.name,) for field in model._meta.fields if field.unique}
    assert any(set(fields) <= {*ordering} for fields in unique) or issubclass(model, Record), ordering


def test_no_migration_is_missing(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_kind_of_record_has_its_factory():
    assert set(FACTORIES) == set(record_models())


@pytest.mark.parametrize("kind", sorted(FACTORIES))
def test_a_record_survives_being_dumped_and_stored(db, kind):
    made = FACTORIES[kind]()
    made.aliases.create(name="Other name")
    made.figures.create(key="f", what="members", unit="members", value_low=500)
    CitationFactory(record=made)
    written = dump(type(made).objects.get(pk=made.pk))
    same, changed = store(type(made), written)
    assert (same.pk, changed) == (made.pk, False)
    stored, changed = store(type(made), written | {"name": "Another name"})
    assert changed
    assert dump(type(made).objects.get(pk=stored.pk)) == written | {"name": "Another name"}
    assert stored.version == made.version + 1


@pytest.mark.parametrize("slug", ["unknown", "none", ""])
def test_the_words_of_the_filters_are_no_ids(db, slug):
    with pytest.raises(IntegrityError), transaction.atomic():
        OrganisationFactory(slug=slug)


def test_two_records_of_a_kind_cannot_share_an_id_but_two_kinds_can(db):
    OrganisationFactory(slug="kobe")
    PartnershipFactory(slug="kobe")
    with pytest.raises(IntegrityError), transaction.atomic():
        OrganisationFactory(slug="kobe")


def test_ids_that_differ_in_capitals_alone_are_one(db):
    taken = OrganisationFactory(slug="q-line", name="Quality Line")
    with pytest.raises(IntegrityError), transaction.atomic():
        OrganisationFactory(slug="Q-Line")
    with pytest.raises(ValidationError) as refused:
        OrganisationFactory.build(slug="Q-Line").full_clean()
    assert len(refused.value.messages) == 1
    assert "the id of “Quality Line” already (q-line" in refused.value.messages[0]
    taken.slug = "Q-Line"
    taken.full_clean()
    taken.save()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("\u200b\u200b", "at least one letter or digit"),
        ("Kobe \u202eretsulc", "turn its direction"),
        ("\u2067Kobe", "turn its direction"),
    ],
    ids=["nothing to see", "read backwards", "isolated"],
)
def test_a_name_reads_as_what_it_is(db, name, said):
    made = SectorFactory()
    for row, field in ((made, "name"), (made, "native_name"), (made, "name_fr"), (Alias(record=made), "name")):
        setattr(row, field, name)
        with pytest.raises(ValidationError) as refused:
            row.full_clean()
        assert said in refused.value.message_dict[field][0]


@pytest.mark.parametrize("name", ["兵庫県", "می\u200cخواهم", "3D+", "\u200fאגד"])
def test_names_of_every_script_are_names(name):
    name_validator(name)


def test_what_a_record_is_called_is_no_other_name_of_it(db, client):
    made = SectorFactory(name="Care robots")
    made.aliases.create(name="Nursing robots")
    assert "Also called" in client.get(made.get_absolute_url()).content.decode()
    made.name = "Nursing robots"
    made.save()
    assert "Also called" not in client.get(made.get_absolute_url()).content.decode()
    with pytest.raises(ValidationError, match="own name"):
        made.aliases.get().full_clean()


def test_what_cannot_be_stored_says_which_record_field_and_why(db):
    good = {"slug": "x", "name": "X", "kind": "cluster"}
    for wrong, said in [
        ({"kynd": "cluster"}, "no field kynd"),
        ({"kind": "klub"}, "kind: "),
        ({"countries": ["ZZ"]}, "countries: there is no country “ZZ”"),
        ({"figures": [{"key": "f", "what": "w", "unit": "u"}]}, "Give either one value or a range"),
        ({"figures": [{"key": "f", "what": "w", "unit": "u", "value": "1", "value_low": "1"}]}, "either one value"),
        ({"statements": [{"key": "s", "aspect": "nonsense", "text": "t"}]}, "aspect: Choose one of"),
        ({"citations": [{"field": "name", "source": "nowhere", "stated_value": "x"}]}, "no source “nowhere”"),
        ({"slug": "none"}, "words of addresses"),
    ]:
        with pytest.raises(AggregateError, match=said):
            store(Organisation, good | wrong)
    assert not Organisation.objects.filter(slug__in=["x", "none"]).exists()


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        pytest.param({"value": None}, "value_or_range", id="no value at all"),
        pytest.param({"value": 1, "value_low": 1}, "value_or_range", id="a value and a range"),
        pytest.param({"value": None, "value_low": 2, "value_high": 1}, "range_in_order", id="upside down"),
        pytest.param({"kind": "guess"}, "kind_known", id="no word of the vocabulary"),
    ],
)
def test_a_number_is_what_its_source_gives(db, fields, rule):
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        ObservationFactory(**fields)


def test_a_statement_not_followed_says_why(db):
    citation = CitationFactory.build(record=OrganisationFactory(), source=None, rank="rejected")
    with pytest.raises(ValidationError, match="Say why this statement was not followed"):
        citation.full_clean(exclude=["source"])


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((0, None), "Lines are counted from 1"),
        ((None, 5), "A last line needs a first one"),
        ((6, 5), "The last line comes before the first"),
    ],
    ids=["line nought", "only a last line", "upside down"],
)
def test_a_citation_gives_lines_that_can_be_found(db, lines, said):
    first, last = lines
    citation = CitationFactory.build(record=OrganisationFactory(), source=None, line_first=first, line_last=last)
    with pytest.raises(ValidationError) as refused:
        citation.full_clean(exclude=["source", "key"])
    assert len(refused.value.messages) == 1
    assert said in refused.value.messages[0]


@pytest.mark.parametrize(
    ("factory", "name"),
    [(OrganisationFactory, "verified_on"), (SourceFactory, "consulted_on"), (ContactPointFactory, "basis_recorded_on")],
)
def test_nobody_has_done_anything_on_a_day_to_come(db, factory, name):
    made, today = factory(), timezone.localdate()
    setattr(made, name, today)
    made.full_clean()
    setattr(made, name, today + datetime.timedelta(days=1))
    with pytest.raises(ValidationError, match="has not come yet"):
        made.full_clean()


def test_an_agreement_has_one_kind_of_end(db):
    with pytest.raises(IntegrityError, match="one_end"), transaction.atomic():
        AgreementFactory(signed="2014", duration_months=36, stated_end="2017")


def test_a_tree_knows_all_above_it_also_after_a_move(db):
    root, other = SectorFactory(slug="t-root"), SectorFactory(slug="t-other")
    child = SectorFactory(slug="t-child", parent=root)
    leaf = SectorFactory(slug="t-leaf", parent=child)
    assert set(leaf.ancestors.values_list("slug", flat=True)) == {"t-leaf", "t-child", "t-root"}
    child.parent = other
    child.save()
    assert set(leaf.ancestors.values_list("slug", flat=True)) == {"t-leaf", "t-child", "t-other"}
    assert set(Sector.objects.get(slug="t-other").descendants.values_list("slug", flat=True)) == {
        "t-other", "t-child", "t-leaf",
    }  # fmt: skip
    other.parent = leaf
    with pytest.raises(ValidationError, match="under itself"):
        other.full_clean()


@pytest.mark.parametrize(
    ("on", "count"),
    [("1957-12-31", 0), ("1958-01-01", 6), ("2013-06-30", 27), ("2013-07-01", 28), ("2018-12-01", 28),
     ("2020-01-31", 28), ("2020-02-01", 27), ("2026-11-22", 27)],
)  # fmt: skip
def test_membership_of_the_eu_is_dated(registry, on, count):
    assert Country.objects.members_of(EU, datetime.date.fromisoformat(on)).count() == count


def test_every_change_of_public_data_raises_the_version(db):
    def number():
        return DataVersion.objects.values_list("number", flat=True).first() or 0

    partnership, organisation = PartnershipFactory(), OrganisationFactory()
    acts = [
        lambda: OrganisationFactory(),
        lambda: partnership.sectors.add(SectorFactory()),
        lambda: partnership.participants.create(organisation=organisation, side="partner"),
        lambda: CitationFactory(record=partnership),
        lambda: partnership.participants.all().delete(),
        lambda: organisation.countries.set([CountryFactory()]),
        lambda: organisation.delete(),
    ]
    for act in acts:
        before = number()
        act()
        assert number() > before


def test_a_citation_keeps_its_address_when_others_come_and_go(db):
    made = OrganisationFactory(slug="cited")
    CitationFactory(record=made, stated_value="second")
    key = made.citations.get().key
    data = dump(Organisation.objects.get(slug="cited"))
    source = data["citations"][0]["source"]
    added = {"field": "name", "source": source, "stated_value": "first"}
    store(Organisation, data | {"citations": [added, *data["citations"]]})
    assert made.citations.get(stated_value="second").key == key
    assert made.citations.get(stated_value="first").key != key


def test_nothing_leads_back_from_withdrawn(db):
    made = OrganisationFactory(slug="gone")
    data = dump(Organisation.objects.get(slug="gone"))
    made.publication_status, made.withdrawn_on, made.withdrawal_reason = "withdrawn", "2026-01-01", "Not right."
    made.save()
    with pytest.raises(AggregateError, match="withdrawn"):
        store(Organisation, data)


@pytest.mark.parametrize(
    ("factory", "fields"),
    [
        (ActivityFactory, {"started": "2018", "ended": "2016"}),
        (ParticipationFactory, {"started": "2018", "renewed": "2016"}),
        (AgreementFactory, {"duration_months": 1201}),
        (AgreementFactory, {"duration_months": 0}),
        (AgreementFactory, {"effective": "2022", "stated_end": "2020"}),
        (AgreementFactory, {"effective": "2022", "terminated": "2020"}),
        (AgreementFactory, {"negotiated_from": "2020", "is_negotiated": True, "signed": "2018"}),
        (PartnershipFactory, {"started": "2018", "quiet_since": "2016"}),
        (OrganisationFactory, {"name": "   "}),
        (OrganisationFactory, {"verified_on": datetime.date(218, 12, 1)}),
        (OrganisationFactory, {"review_due_on": datetime.date(2018, 12, 17)}),  # verified the day after
        (OrganisationFactory, {"slug": "crosstab"}),
    ],
)
def test_the_database_refuses_what_cannot_be(db, factory, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        factory(**fields)


def test_no_record_stands_above_or_behind_itself(db):
    sector = SectorFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Sector._base_manager.filter(pk=sector.pk).update(parent=sector.pk)
    first, second = AgreementFactory(), AgreementFactory()
    second.supersedes = first
    second.save()
    first.supersedes = second
    with pytest.raises(ValidationError, match="in a circle"):
        first.full_clean()


def test_only_a_later_agreement_renews_an_earlier_one(db):
    earlier, later = AgreementFactory(signed="2014-05"), AgreementFactory(signed="2018")
    earlier.supersedes = later
    with pytest.raises(ValidationError, match="was signed after it"):
        earlier.full_clean()
    earlier.supersedes, later.supersedes = None, earlier
    later.full_clean()
    later.save()
    earlier = Agreement.objects.get(pk=earlier.pk)
    earlier.signed = "2018-03"  # within the year of the other
    earlier.full_clean()
    earlier.signed = "2019"
    with pytest.raises(ValidationError, match="was signed before it"):
        earlier.full_clean()


def test_what_belongs_to_a_record_is_a_change_of_the_record(db):
    made = PartnershipFactory()
    before = made.changed_at
    made.aliases.create(name="Another name")
    made.refresh_from_db()
    assert made.changed_at > before


@pytest.mark.parametrize(("field", "beyond"), [("latitude", 90.5), ("latitude", -91), ("longitude", 181)])
@pytest.mark.parametrize("factory", [CountryFactory, RegionFactory])
def test_a_place_lies_on_the_globe(db, factory, field, beyond):
    with pytest.raises(IntegrityError, match=f"{field}_on_globe"), transaction.atomic():
        factory(**{"latitude": 0, "longitude": 0, field: beyond})


@pytest.mark.parametrize(("factory", "field"), [(EditionFactory, "edition"), (StrandFactory, "strand")])
def test_what_participations_name_does_not_move_to_another_programme(db, factory, field):
    part = factory()
    part.programme = ProgrammeFactory()
    part.full_clean()
    part.refresh_from_db()
    ParticipationFactory(programme=part.programme, **{field: part})
    part.full_clean()
    part.programme = ProgrammeFactory()
    with pytest.raises(ValidationError, match="Participations name this"):
        part.full_clean()


def test_a_region_does_not_leave_its_country_without_what_is_under_it(db):
    region = RegionFactory()
    RegionFactory(parent=region, country=region.country)
    region.full_clean()
    region.country = CountryFactory()
    with pytest.raises(ValidationError, match="Regions under this one"):
        region.full_clean()


def test_records_that_others_follow_say_so():
    """Or what is stored together would leave those as they were."""
    followed = {
        model
        for model in record_models().values()
        if any(sender == id(model) for (_receiver, sender), *_rest in models.signals.post_save.receivers)
    }
    assert followed == {model for model in record_models().values() if model.is_followed} != set()


def test_an_agreement_without_a_date_runs_from_its_source(db):
    source = SourceFactory(dated="2015-06")
    agreement = AgreementFactory(evidence=source, duration_months=36)
    assert agreement.ends_on == datetime.date(2018, 6, 30)
    source.dated = "2016"
    source.save()
    agreement.refresh_from_db()
    assert agreement.ends_on == datetime.date(2019, 12, 31)
