"""The frame of every page: what is kept of it is the same for everybody, and the rest is of this page alone."""

import contextlib
import re

import pytest
from django.http import HttpRequest
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import Resolver404, resolve, translate_url
from django.utils.translation import override

from eccp.listing.addresses import in_every_language
from eccp.portal.language import language_of
from tests import factories

KEPT = Template(
    "{% load registry i18n %}{% same here=here %}{{ here }} {{ secret }} {% translate 'Search' %}{% endsame %}"
)


def asked(address: str, *, is_resolved: bool = True) -> HttpRequest:
    request = RequestFactory().get(address)
    request.resolver_match = None  # as for a page that is answered before it is looked up
    if is_resolved:
        with contextlib.suppress(Resolver404):
            request.resolver_match = resolve(request.path_info)
    return request


# ── What is kept ──


def test_what_is_kept_holds_nothing_but_what_it_was_given():
    assert KEPT.render(Context({"here": "sectors", "secret": "draft"})) == "sectors  Search"
    assert KEPT.render(Context({"here": "regions", "secret": "draft"})) == "regions  Search"


def test_what_is_kept_is_of_its_language_alone():
    with override("de"):
        assert KEPT.render(Context({"here": "sectors"})) == "sectors  Suchen"
    assert KEPT.render(Context({"here": "sectors"})) == "sectors  Search"


def test_what_is_kept_is_rendered_once():
    counted = []

    class Word(str):
        def __html__(self):
            counted.append(self)
            return self

    template = Template("{% load registry %}{% same here=here %}{{ here }}{% endsame %}")
    assert [template.render(Context({"here": Word("sectors")})) for _time in range(3)] == ["sectors"] * 3
    assert len(counted) == 1


def test_what_is_kept_is_bounded():
    (node,) = KEPT.nodelist.get_nodes_by_type(type(KEPT.nodelist[-1]))
    for number in range(node.MOST + 10):
        KEPT.render(Context({"here": f"list-{number}"}))
    assert len(node.rendered) <= node.MOST


@pytest.mark.django_db
def test_no_record_gets_into_what_is_kept():
    with pytest.raises(TypeError, match="here is no word that is the same for everybody"):
        KEPT.render(Context({"here": factories.SectorFactory()}))


# ── What is of this page alone ──


def here(page: str) -> list[str]:
    """What the navigation marks as the place where the reader is."""
    return re.findall(r'class="is-here" aria-current="(\w+)">([^<]+)<', page)


@pytest.mark.django_db
def test_each_page_says_where_it_stands_whichever_was_shown_before(registry, client):
    def marked(address):
        return here(client.get(address).content.decode())

    for _time in range(2):
        assert marked("/activities/") == [("true", "Partnerships"), ("page", "Activities")]
        assert marked("/partnerships/") == [("page", "Partnerships"), ("page", "Partnerships")]
        assert marked("/partnerships/life-science-nord-kobe/") == [("true", "Partnerships"), ("true", "Partnerships")]
        assert marked("/ja/agreements/") == [("page", "協定・覚書")]
        assert marked("/about/") == [("page", "About")]
        assert marked("/search/") == []


@pytest.mark.django_db
def test_what_somebody_searched_for_is_on_no_other_page(registry, client):
    assert 'value="solar sails"' in client.get("/search/?q=solar+sails").content.decode()
    assert "solar sails" not in client.get("/search/").content.decode()
    assert "solar sails" not in client.get("/partnerships/").content.decode()


@pytest.mark.parametrize("is_resolved", [True, False], ids=["resolved", "not-resolved"])
@pytest.mark.parametrize(
    "address",
    [
        "/", "/ja/", "/about/", "/de/about/", "/partnerships/", "/ja/partnerships/?q=a b&x=%23&é=1", "/search/?q=%20",
        "/ja/partnerships/crosstab/?row=stage", "/fr/organisations/a%2Cb~é'%25=(x)@:/", "/organisations/日本/",
        "/partnerships/a%3Fb/", "/nothing/", "/ja/nothing/", "/ja", "/ja//", "/en/about/", "/admin/", "/admin/x/",
        "/healthz", "/partnerships.csv", "/ja/partnerships.csv",
    ],
)  # fmt: skip
def test_a_page_has_in_each_language_the_address_that_django_finds(address, is_resolved, settings):
    request = asked(address, is_resolved=is_resolved)
    with override(language_of(request)):
        here = request.get_full_path()
        assert in_every_language(request) == {code: translate_url(here, code) for code, _name in settings.LANGUAGES}
