"""The interface in every language: nothing untranslated, nothing left in English, and addresses the same in all."""

import gettext
import re
from datetime import date
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from eccp.listing.index import index
from eccp.listing.listings import LISTINGS
from eccp.listing.wording import said_date, said_number
from eccp.portal.views import VOCABULARIES
from eccp.records.dates import PartialDate
from tests import factories
from tests.addresses import public_addresses
from tests.listing.lists import EVERY_LIST
from tests.listing.reading import json_rows

TRANSLATED = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
EVERY_LANGUAGE = pytest.mark.parametrize("language", TRANSLATED)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd](?!\w)", re.ASCII)
#: Sentences of the interface of which each list page holds some.
SENTENCES = (
    "Skip to the content", "Search the whole registry", "How the registry counts", "How old the data is", "All lists",
    "Use the data", "Data dictionary", "Narrow the list", "Chosen filters", "Results", "Download", "Copy link",
    "Choose columns", "Cite this table", "Copy this text", "Show these columns", "not known", "Page", "Show",
)  # fmt: skip


# ── The catalogues ──


def catalogue(language, suffix):
    return Path(settings.LOCALE_PATHS[0], language, "LC_MESSAGES", f"django.{suffix}")


def read_po(language):
    """Entries of a catalogue: context, msgid, plural, translations, flags; the heading has an empty msgid."""
    entries = []
    for block in catalogue(language, "po").read_text(encoding="utf-8").split("\n\n"):
        found = {"flags": "".join(re.findall(r"^#,.*$", block, re.MULTILINE)), "msgstr": {}}
        for word, number, strings in re.findall(r'^(msg\w+)(?:\[(\d)\])? ((?:"[^\n]*"\n?)+)', block, re.MULTILINE):
            text = "".join(re.findall(r'^"(.*)"$', strings, re.MULTILINE))
            text = re.sub(r"\\(.)", lambda sign: {"n": "\n", "t": "\t"}.get(sign[1], sign[1]), text)
            if word == "msgstr":
                found["msgstr"][int(number or 0)] = text
            else:
                found[word] = text
        if "msgid" in found:
            entries.append(found)
    return entries


@EVERY_LANGUAGE
def test_every_sentence_is_translated_and_none_is_guessed(language):
    head, *entries = read_po(language)
    plurals = int(re.search(r"nplurals=(\d)", head["msgstr"][0])[1])
    assert len(entries) > 1000
    assert not [entry["msgid"] for entry in entries if "fuzzy" in entry["flags"]]
    assert not [entry["msgid"] for entry in entries if not all(entry["msgstr"].values())]
    counted = [entry for entry in entries if "msgid_plural" in entry]
    assert not [entry["msgid"] for entry in counted if sorted(entry["msgstr"]) != list(range(plurals))]


@EVERY_LANGUAGE
def test_what_is_filled_in_is_the_same_in_every_language(language):
    for entry in read_po(language)[1:]:
        for text in entry["msgstr"].values():
            assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(entry["msgid"])), entry["msgid"]


@EVERY_LANGUAGE
def test_marks_of_a_page_are_kept(language):
    marks = re.compile(r"<[^>]+>")
    for entry in read_po(language)[1:]:
        for text in entry["msgstr"].values():
            assert sorted(marks.findall(text)) == sorted(marks.findall(entry["msgid"])), entry["msgid"]


@EVERY_LANGUAGE
def test_the_compiled_catalogue_says_what_the_written_one_says(language):
    """``make messages`` compiles; a machine without gettext takes what lies there."""
    with catalogue(language, "mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog
    written = {}
    for entry in read_po(language)[1:]:
        key = "\x04".join(filter(None, (entry.get("msgctxt"), entry["msgid"])))
        for number, text in entry["msgstr"].items():
            written[(key, number) if "msgid_plural" in entry else key] = text
    compiled.pop("")
    assert compiled == written


# ── The pages ──


def first_ids():
    return {name: index.snapshot(listing).ids[:1] for name, listing in LISTINGS.items()}


def page(client, address):
    response = client.get(address)
    assert response.status_code == 200, address
    return response, unescape(response.content.decode())


@EVERY_LANGUAGE
def test_what_a_citation_is_about_is_not_called_what_the_site_says_of_itself(registry, client, language):
    (citation, *_) = index.snapshot(LISTINGS["citations"]).ids
    _response, text = page(client, f"/{language}/citations/{citation}/")
    (about_site,) = set(re.findall(rf'<a href="/{language}/about/">([^<]+)</a></li>\s*</ul>\s*</nav>', text))
    assert f"<dt>{about_site}</dt>" not in text
    assert "<dt>About</dt>" not in text


@pytest.mark.parametrize(("language", "prefix"), [("en", ""), *((code, f"{code}/") for code in TRANSLATED)])
def test_every_kind_of_page_is_there_in_every_language(registry, client, language, prefix):
    seen = 0
    for address in public_addresses(first_ids(), languages=(prefix,)):
        named = address.split("/")[1]
        if (named if named in TRANSLATED else "en") != language:
            continue
        if address == "/metrics":  # the operator's, behind a token
            continue
        response = client.get(address)
        if response.status_code == 301:  # what exists in English alone
            assert response["Location"] == address.removeprefix(f"/{language}")
            continue
        if not response["Content-Type"].startswith("text/html"):
            continue
        text = response.content.decode()
        assert response.status_code == 200, address
        assert response["Content-Language"] == language, address
        assert f'<html lang="{language}">' in text, address
        assert 'rel="canonical"' in text, address
        title = re.search(r"<title>(.*?)</title>", text, re.DOTALL)[1]
        assert f'property="og:title" content="{title}"' in text, address
        assert set(re.findall(r'hreflang="([\w-]+)" href="http', text)) == {"en", "ja", "fr", "de", "x-default"}
        seen += 1
    assert seen > 2 * len(LISTINGS)


@EVERY_LANGUAGE
@EVERY_LIST
def test_no_sentence_of_a_list_is_left_in_english(registry, client, language, name):
    _response, text = page(client, f"/{language}/{name}/")
    said = {piece.strip() for piece in re.findall(r">([^<>]+)<", text)}
    assert not said & {english for english in SENTENCES if translated(english, language) != english}
    listing = LISTINGS[name]
    for english in (listing.title, listing.description, *(column.label for column in listing.columns if column.shown)):
        assert translated(str(english), language) in text


def translated(english, language):
    with translation.override(language):
        return translation.gettext(english)


@EVERY_LANGUAGE
def test_words_of_vocabularies_are_translated_and_their_values_stay(registry, client, language):
    _response, text = page(client, f"/{language}/about/")
    for _title, vocabulary, _meanings in VOCABULARIES:
        for value, label in vocabulary.choices:
            with translation.override(language):
                assert str(label) in text, value
            assert f">{value}<" in text
    # The word in an address is the same in all languages, and finds the same rows.
    asked = {"agreements": "type=mou", "partnerships": "stage=active", "organisations": "kind=cluster"}
    for list_name, query in asked.items():
        response, text = page(client, f"/{language}/{list_name}/?{query}")
        assert [row.id for row in response.context["rows"]] == [
            row["id"] for row in json_rows(client, f"/{list_name}.json?{query}&columns=id")
        ]
        assert f'value="{query.partition("=")[2]}"' in text


@EVERY_LANGUAGE
def test_files_are_there_once_and_in_english(registry, client, language):
    for form in ("csv", "xlsx", "json", "atom"):
        response = client.get(f"/{language}/agreements.{form}?type=mou")
        assert (response.status_code, response["Location"]) == (301, f"/agreements.{form}?type=mou")
    (row, *_more) = json_rows(client, "/agreements.json?type=mou")
    assert row["type"] == "mou"


# ── What is composed ──

QUERY = "?european_country=DE&european_country=FR&sector=health&as_of=2018-12-01"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "ja",
            "欧州側にドイツまたはフランスが参加する、健康・ライフサイエンスの、2018年12月1日時点のパートナーシップ{count}件",
        ),
        ("de", "{count} Partnerschaften – europäische Seite: Deutschland oder Frankreich; in: "),
        ("fr", "{count} partenariats – du côté européen\xa0: Allemagne ou France\xa0; dans\xa0: "),
    ],
    ids=TRANSLATED,
)
def test_a_question_is_said_in_the_order_of_the_language(registry, client, language, said):
    response, text = page(client, f"/{language}/partnerships/{QUERY}")
    assert said.format(count=response.context["question"].count) in text


def test_one_of_a_kind_is_singular(registry, client):
    for language, said in (("de", "1 Land"), ("fr", "1 pays"), ("ja", "1件")):
        _response, text = page(client, f"/{language}/countries/?q=japan")
        assert said in text


@pytest.mark.parametrize(
    ("language", "year", "month", "day", "period", "number"),
    [
        ("en", "2015", "May 2015", "21 November 2017", "2016 – 2018", "12,500.5"),
        ("ja", "2015年", "2015年5月", "2017年11月21日", "2016年～2018年", "12,500.5"),
        ("fr", "2015", "mai 2015", "21 novembre 2017", "2016 – 2018", "12\xa0500,5"),
        ("de", "2015", "Mai 2015", "21. November 2017", "2016 – 2018", "12.500,5"),
    ],
    ids=["en", "ja", "fr", "de"],
)
def test_dates_and_numbers_are_written_as_the_language_does(language, year, month, day, period, number):
    with translation.override(language):
        assert said_date(PartialDate.parse("2015")) == year
        assert said_date(PartialDate.parse("2015-05")) == month
        assert said_date(date(2017, 11, 21)) == said_date(PartialDate.parse("2017-11-21")) == day
        assert said_date(PartialDate.parse("2016/2018")) == period
        assert said_number(Decimal("12500.5")) == number


def test_the_first_of_a_month_is_an_ordinal_in_french():
    with translation.override("fr"):
        assert said_date(date(2018, 12, 1)) == "1er décembre 2018"
        assert said_date(date(2018, 12, 11)) == "11 décembre 2018"


def test_texts_in_another_language_than_the_page_are_marked(registry, client):
    """WCAG 3.1.2: a screen reader must not read English as Japanese, nor a Japanese quote as English."""
    factories.OrganisationFactory(slug="two-tongues", summary="It makes things.")
    record = factories.OrganisationFactory(slug="own-tongue", summary="産業クラスターである。")
    factories.CitationFactory(record=record, field="summary", stated_value="産業")
    english = '<span lang="en">It makes things.</span>'
    assert english in page(client, "/ja/organisations/two-tongues/")[1]
    assert english not in page(client, "/organisations/two-tongues/")[1]
    assert '<span lang="ja">産業クラスターである。</span>' in page(client, "/organisations/own-tongue/")[1]
    assert '<span lang="ja">産業</span>' in page(client, "/organisations/own-tongue/")[1]
    assert '<span lang="ja">産業' not in page(client, "/ja/organisations/own-tongue/")[1]


@pytest.mark.django_db
def test_a_place_in_a_source_is_said_in_the_language_of_the_page(client):
    record = factories.OrganisationFactory(slug="placed")
    factories.CitationFactory(record=record, field="name", section="3.1", line_first=86, line_last=88)
    assert "Abschnitt 3.1, Zeilen 86–88" in page(client, "/de/organisations/placed/")[1]
    assert "section 3.1, lines 86–88" in page(client, "/organisations/placed/")[1]


def test_a_native_name_comes_first_where_its_script_is_the_readers(registry, client):
    (row, *_more) = (
        row
        for row in json_rows(client, "/organisations.json?country=JP&per_page=200")
        if re.search(r"[\u3040-\u30ff\u3400-\u9fff]", row["native_name"] or "")
    )
    for address in (f"/ja/organisations/{row['id']}/", f"/ja/organisations/?q={row['id']}"):
        _response, text = page(client, address)
        assert text.index(f">{row['native_name']}") < text.index(f'lang="en">{row["name"]}<')
    _response, text = page(client, f"/de/organisations/{row['id']}/")
    assert f"<h1>{row['name']}" in text
    # Order is that of the English name in every language.
    ids = [
        [found.id for found in page(client, f"{prefix}/organisations/?sort=name&per_page=200")[0].context["rows"]]
        for prefix in ("", "/ja")
    ]
    assert ids[0] == ids[1]
