"""The boxes of a facet: every value can be ticked, the long rest stands behind “more”."""

import re
from datetime import date

from django.http import QueryDict
from django.utils.translation import override

from eccp.listing.index import index
from eccp.listing.listings import LISTINGS
from eccp.listing.question import Facet, FacetValue, Question
from eccp.listing.templatetags.many import facet_values
from eccp.listing.templatetags.registry import shortened
from tests import factories


def values(count: int, chosen: tuple[int, ...] = ()) -> list[FacetValue]:
    return [FacetValue(f"v{at}", f"Value {at}", 100 - at, at in chosen) for at in range(count)]


def test_the_values_with_most_rows_stand_first_and_the_rest_behind_more():
    parts = shortened(values(400))
    assert [value.code for value in parts["first"]] == [f"v{at}" for at in range(8)]
    assert len(parts["rest"]) == 392
    assert not parts["is_rest_chosen"]


def test_more_is_open_when_a_value_behind_it_is_chosen():
    assert shortened(values(400, chosen=(300,)))["is_rest_chosen"]
    assert not shortened(values(400, chosen=(3,)))["is_rest_chosen"]


def test_one_or_two_values_more_are_shown_at_once():
    assert shortened(values(10))["rest"] == []
    assert len(shortened(values(11))["rest"]) == 3


def test_a_label_is_text_whatever_stands_in_it():
    values = [FacetValue("a", '<b>"R&D"</b>', 3, True, depth=1)]
    shown = facet_values(Facet("sector", "Sector", "", values), "first", values)
    assert "&lt;b&gt;&quot;R&amp;D&quot;&lt;/b&gt;" in shown
    assert 'class="facet-value depth-1"' in shown
    assert re.search(r'id="value-sector-a" name="sector" value="a" checked>', shown)


def test_every_value_of_every_facet_is_a_box_on_the_page(registry, client):
    answer = client.get("/partnerships/?sector=health&stage=active&stage=contact")
    boxes = re.findall(
        r'type="checkbox" id="[^"]+" name="([a-z_]+)" value="([^"]+)"( checked)?>', answer.content.decode()
    )
    facets = answer.context["question"].facets
    stated = [(facet.name, value.code, " checked" * value.is_chosen) for facet in facets for value in facet.values]
    assert boxes == stated
    assert {(name, code) for name, code, checked in boxes if checked} == {
        ("sector", "health"), ("stage", "active"), ("stage", "contact"),
    }  # fmt: skip


# ── Of a whole list they are kept ──


def asked(query: str = "", on: date = date(2018, 1, 1)) -> Question:
    return Question(index.snapshot(LISTINGS["partnerships"]), QueryDict(query), on)


def counts(question: Question, name: str) -> dict[str, int]:
    return {value.label: value.count for facet in question.facets if facet.name == name for value in facet.values}


def test_the_facets_of_a_whole_list_are_made_once(registry):
    assert asked().facets is asked("page=1").facets
    assert asked().facets is not asked("stage=active").facets


def test_what_is_kept_is_of_one_language(registry):
    english = counts(asked(), "stage")
    with override("ja"):
        assert counts(asked(), "stage").keys().isdisjoint(english)
    assert counts(asked(), "stage") == english


def test_what_is_kept_is_of_one_day(registry):
    # Whatever was asked before: what depends on the day is counted for the day.
    for on in (date(2005, 1, 1), date(2018, 1, 1), date(2005, 1, 1)):
        assert asked(on=on).facets == asked(on=on)._facets()


def test_what_is_kept_goes_with_the_data(registry):
    before = counts(asked(), "stage")
    made = factories.PartnershipFactory(stage="active")
    label = made.get_stage_display()
    assert counts(asked(), "stage")[label] == before[label] + 1
    assert asked().facets is asked().facets
