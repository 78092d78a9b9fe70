"""That a record has nothing of something is found out once, and is true."""

import pytest

from eccp.records.models import record_models
from eccp.records.nothing import Nothing, has_nothing, know_nothings
from tests import factories

pytestmark = pytest.mark.django_db


def relations(model) -> list[str]:
    """The names under which rows of a relation are asked for."""
    fields = model._meta.get_fields()
    return [
        field.get_accessor_name() if field.auto_created else field.name
        for field in fields
        if field.many_to_many or field.one_to_many
    ]


@pytest.mark.parametrize("kind", record_models())
def test_what_is_known_is_what_the_database_finds(registry, kind):
    model = record_models()[kind]
    for pk in model.objects.values_list("pk", flat=True)[:20]:
        record, same = model.objects.get(pk=pk), model.objects.get(pk=pk)
        know_nothings(record)
        for name in relations(model):
            assert has_nothing(record, name) is not getattr(same, name).exists(), (record.slug, name)
        if kind == "partnership":
            assert has_nothing(record, "good_practice") is not hasattr(same, "good_practice")


def test_nothing_is_asked_about_what_is_known(registry, django_assert_num_queries):
    region = factories.RegionFactory()
    with django_assert_num_queries(1):
        know_nothings(region)
    with django_assert_num_queries(0):
        assert not region.aliases.all()
        assert list(region.children.published().select_related("country").order_by("slug")) == []
        assert region.organisations.published().first() is None
        assert len(region.citations.values_list("pk", "key")) == 0


def test_who_has_something_is_asked_as_ever():
    region = factories.RegionFactory()
    region.aliases.create(name="Elsewhere")
    know_nothings(region)
    assert [alias.name for alias in region.aliases.all()] == ["Elsewhere"]


def test_nothing_is_known_of_who_was_not_asked_about():
    assert not has_nothing(factories.RegionFactory(), "aliases")


def test_nothing_has_no_hidden_sides():
    with pytest.raises(AttributeError):
        Nothing()._result_cache  # noqa: B018
