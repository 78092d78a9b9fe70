"""A date is echoed as it is typed: what was understood, or why it was not, by the one parser there is."""

import pytest

from eccp.records.dates import understand
from tests.admin.conftest import admin_page, curator

__all__ = ["admin_page", "curator"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2015", "Understood: 2015 (2015)"),
        ("May 2015", "Understood: May 2015 (2015-05)"),
        ("5/2015", "Understood: May 2015 (2015-05)"),
        (" 21/11/2017 ", "Understood: 21 November 2017 (2017-11-21)"),
        ("2016–2018", "Understood: 2016 – 2018 (2016/2018)"),
        ("2015年5月", "Understood: May 2015 (2015-05)"),
        ("", ""),
    ],
)
def test_what_was_understood_is_said(admin_page, typed, said):
    assert admin_page.get("/admin/understood/", {"text": typed}).json() == {"is_understood": True, "said": said}


@pytest.mark.parametrize("typed", ["3/4/2015", "soon", "31 February 2015", "2018–2016"])
def test_what_was_not_understood_is_said_in_the_words_of_the_form(admin_page, typed):
    with pytest.raises(ValueError, match=typed) as problem:
        understand(typed)
    answer = admin_page.get("/admin/understood/", {"text": typed}).json()
    assert answer == {"is_understood": False, "said": str(problem.value)}


def test_only_the_staff_is_answered(client, db):
    assert client.get("/admin/understood/", {"text": "2015"}).status_code == 302
