"""A mapping that shares what has not changed with those before it is the mapping made anew, and those stay."""

from collections.abc import ItemsView

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eccp.listing.overlay import Ordered, Overlaid

begun = st.dictionaries(st.integers(0, 20), st.text(max_size=2))
changes = st.dictionaries(st.integers(0, 20), st.one_of(st.none(), st.text(max_size=2)), max_size=4)


def ordered(mapping):
    return Ordered(sorted(mapping), [mapping[key] for key in sorted(mapping)])


@given(begun, st.lists(changes, max_size=8))
def test_each_version_is_the_mapping_made_anew(begun, changed):
    plain, versions = begun, [Overlaid(ordered(begun))]
    expected = [begun]
    for step in changed:
        plain = {key: value for key, value in {**plain, **step}.items() if value is not None}
        versions.append(versions[-1].changed(step))
        expected.append(plain)
    for version, plain in zip(versions, expected, strict=True):
        assert list(version.items()) == list(ItemsView(version)) == sorted(plain.items())
        assert len(version) == len(plain)
        assert [version.get(key) for key in range(21)] == [plain.get(key) for key in range(21)]
        assert [key in version for key in range(21)] == [key in plain for key in range(21)]


def test_whether_a_key_is_there_is_known_without_its_value():
    class Unmade(list):
        def __getitem__(self, at):
            raise AssertionError

    mapping = Overlaid(Ordered([1, 3], Unmade([0, 0]))).changed({3: None, 5: "new"})
    assert [key in mapping for key in range(1, 6)] == [True, False, False, False, True]
    assert (list(mapping), len(mapping)) == ([1, 5], 2)
    with pytest.raises(AssertionError):
        mapping[1]
