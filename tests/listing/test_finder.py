"""Finding by words gives what looking through every line would."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eccp.listing.finder import Finder
from eccp.records.text import finds, needles, searchable

# Few letters, so that words repeat and stand in one another; a letter with an umlaut, Japanese, digits, marks.
TEXTS = st.text(alphabet="abcü兵庫県2 -_.ＡÄ\n", max_size=14)
LINES = st.dictionaries(st.integers(0, 40), st.tuples(TEXTS, TEXTS).map(lambda pair: searchable(*pair)), max_size=12)


def looked_through(lines, query):
    return {key for key, line in lines.items() if finds(needles(query), line)}


UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@UNHURRIED
@given(lines=LINES, query=TEXTS.filter(needles))
def test_a_query_finds_what_looking_through_every_line_finds(lines, query):
    assert set(Finder(lines.items()).matching(needles(query))) == looked_through(lines, query)


@UNHURRIED
@given(lines=LINES, later=LINES, queries=st.lists(TEXTS.filter(needles), max_size=3))
def test_a_finder_made_from_the_one_before_finds_the_same(lines, later, queries):
    before = Finder(lines.items())
    after = before.refreshed([(key, lines[key]) for key in later if key in lines], later.items())
    for query in queries:
        assert set(before.matching(needles(query))) == looked_through(lines, query)
        assert set(after.matching(needles(query))) == looked_through(lines | later, query)
