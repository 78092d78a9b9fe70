"""Finding by words gives what looking through every line would."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from eccp.listing.finder import Postings, joined
from eccp.records.text import finds, needles, searchable

# Few letters, so that words repeat and stand in one another; a letter with an umlaut, Japanese, digits, marks.
TEXTS = st.text(alphabet="abcü兵庫県2 -_.ＡÄ\n", max_size=14)
LINES = st.dictionaries(st.integers(0, 40), st.tuples(TEXTS, TEXTS).map(lambda pair: searchable(*pair)), max_size=12)


def looked_through(lines, query):
    return {key for key, line in lines.items() if finds(needles(query), line)}


UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def finder(lines) -> Postings:
    """What finds ``lines``, by place."""
    words = {}
    for at, line in lines.items():
        for word in set(line.split()):
            words.setdefault(word, BitMap()).add(at)
    return Postings(*joined(words), [places.serialize() for places in words.values()])


@UNHURRIED
@given(lines=LINES, query=TEXTS.filter(needles))
def test_a_query_finds_what_looking_through_every_line_finds(lines, query):
    assert set(finder(lines).matching(needles(query))) == looked_through(lines, query)
