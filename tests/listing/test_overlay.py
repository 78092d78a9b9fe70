"""A mapping that shares what has not changed with those before it is the mapping made anew, and those stay."""

from hypothesis import given
from hypothesis import strategies as st

from eccp.listing import overlay
from eccp.listing.overlay import Overlaid

changes = st.dictionaries(st.integers(0, 20), st.one_of(st.none(), st.text(max_size=2)), max_size=4)


@given(st.dictionaries(st.integers(0, 20), st.text(max_size=2)), st.lists(changes, max_size=8), st.integers(0, 6))
def test_each_version_is_the_mapping_made_anew(begun, changed, least):
    held, overlay._LEAST = overlay._LEAST, least
    try:
        plain, versions = begun, [Overlaid(begun)]
        expected = [begun]
        for step in changed:
            plain = {key: value for key, value in {**plain, **step}.items() if value is not None}
            versions.append(versions[-1].changed(step))
            expected.append(plain)
    finally:
        overlay._LEAST = held
    for version, plain in zip(versions, expected, strict=True):
        assert list(version.items()) == sorted(plain.items())
        assert len(version) == len(plain)
        assert [version.get(key) for key in range(21)] == [plain.get(key) for key in range(21)]
        assert [key in version for key in range(21)] == [key in plain for key in range(21)]
