"""Questions nobody thought of: whatever words are put together, the index finds what the database finds."""

import datetime

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from eccp.listing.fields import UNKNOWN
from eccp.listing.index import index
from eccp.listing.listings import LISTINGS
from eccp.listing.question import Question
from eccp.listing.words import AsOfWord, BoundWord

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]

TODAY = datetime.date(2026, 1, 2)
DATES = ["1990", "2012/2014", "2015", "2015-06", "2016-05-20", "2018-12-01"]
DAYS = ["1999-12-31", "2015-01-01", "2018-12-01"]


def values(snapshot, name, word):
    """What may be asked of one word of a list, a few values of it at most."""
    if isinstance(word, AsOfWord):
        return st.sampled_from(DAYS).map(lambda day: [day])
    if isinstance(word, BoundWord):
        return st.sampled_from(DATES).map(lambda stated: [stated])
    codes = sorted({*snapshot.facet(name, TODAY), UNKNOWN})
    return st.lists(st.sampled_from(codes), min_size=1, max_size=3, unique=True)


@pytest.mark.parametrize("name", sorted(LISTINGS))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_words_together_find_what_the_database_finds(name, data):
    listing = LISTINGS[name]
    snapshot = index.snapshot(listing)
    words = {name: word for name, word in listing.filterset_class.base_filters.items() if name != "q"}
    asked = QueryDict(mutable=True)
    for word in data.draw(st.lists(st.sampled_from(sorted(words)), min_size=1, max_size=4, unique=True)):
        asked.setlist(word, data.draw(values(snapshot, word, words[word]), label=word))
    question = Question(snapshot, asked, TODAY)
    assume(not question.problems)  # a time that ends before it begins is refused
    found = set(question.filterset.qs.values_list("pk", flat=True))
    assert {snapshot.key(at) for at in question.rows} == found
    assert question.count == len(found)
