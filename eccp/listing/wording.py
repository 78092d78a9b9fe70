"""How dates, numbers and names are written on pages, in the language of the page; files keep ISO and plain digits."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

from django.db import models
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, gettext, pgettext, pgettext_lazy

from eccp.records.dates import PartialDate

#: The main language of the names that a country's bodies and places have in their own tongue.
_LANGUAGES = {
    "AT": "de", "BG": "bg", "CH": "de", "CN": "zh", "CZ": "cs", "DE": "de", "DK": "da", "EE": "et", "ES": "es",
    "FI": "fi", "FR": "fr", "GR": "el", "HR": "hr", "HU": "hu", "IS": "is", "IT": "it", "JP": "ja", "KR": "ko",
    "LT": "lt", "LV": "lv", "NL": "nl", "NO": "no", "PL": "pl", "PT": "pt", "RO": "ro", "RU": "ru", "SE": "sv",
    "SI": "sl", "SK": "sk", "TR": "tr", "TW": "zh", "UA": "uk",
}  # fmt: skip
_SCRIPTS = (("ja", re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")), ("ko", re.compile(r"[\uac00-\ud7af]")))
#: What units are counted in, as English has it.
_SCALES = {
    "thousand": pgettext_lazy("scale of a unit", "thousand"),
    "million": pgettext_lazy("scale of a unit", "million"),
    "billion": pgettext_lazy("scale of a unit", "billion"),
    "trillion": pgettext_lazy("scale of a unit", "trillion"),
}
_SCALE = re.compile(rf"\b(?:{'|'.join(_SCALES)})\b")


def said_date(value: PartialDate | date | None) -> str:
    """A date as precise as it is known: “2013”, “May 2015”, “2016 – 2018”; "" when it is not known."""
    if not value:
        return ""
    if isinstance(value, date):
        return _said_day(value)
    start, _slash, end = value.text.partition("/")
    if not end:
        return _said_part(start)
    return pgettext("a period", "%(start)s – %(end)s") % {"start": _said_part(start), "end": _said_part(end)}


def _said_part(text: str) -> str:
    """One ISO year, month or day in words."""
    if len(text) == len("2018"):
        return pgettext("a year alone", "%(year)s") % {"year": text}
    first = PartialDate.parse(text).first
    return _said_day(first) if len(text) == len("2018-01-01") else date_format(first, "YEAR_MONTH_FORMAT")


def _said_day(day: date) -> str:
    """A day in words; Django's French has no word for the first of a month."""
    said = date_format(day, "DATE_FORMAT")
    return f"1er{said[1:]}" if day.day == 1 and get_language() == "fr" else said


def said_word(choices: type[models.TextChoices], word: str, language: str = "") -> str:
    """The label of a word of a vocabulary; who says many knows which language is active."""
    return _said_word(choices, word, language or get_language())


@lru_cache(maxsize=4096)
def _said_word(choices: type[models.TextChoices], word: str, _language: str) -> str:
    """Asked for nearly each row of a page, and always the same in one language."""
    return str(choices(word).label)


def listed(texts: Iterable[str]) -> str:
    """Several texts as one, with what parts them in the language of the page."""
    return pgettext("between texts of a list", ", ").join(texts)


def said_number(value: Decimal | int | None) -> str:
    """A number with no digit more than its source gives; "" when it is not known."""
    if value is None:
        return ""
    exact = value.normalize() if isinstance(value, Decimal) else value
    places = max(0, -exact.as_tuple().exponent) if isinstance(exact, Decimal) else 0
    return number_format(exact, decimal_pos=places, force_grouping=abs(exact) >= 10_000)


def said_unit(unit: str) -> str:
    """A unit with its scale in the language of the page: an English billion is 10⁹, a French or German one 10¹²."""
    return _SCALE.sub(lambda found: str(_SCALES[found[0]]), unit)


def said_amount(row) -> str:
    """The value of a figure or observation: one number, a range, or a floor or ceiling said as such."""
    if row.value is not None:
        return said_number(row.value)
    if row.value_high is None:
        return gettext("at least %(low)s") % {"low": said_number(row.value_low)}
    if row.value_low is None:
        return gettext("up to %(high)s") % {"high": said_number(row.value_high)}
    return gettext("%(low)s to %(high)s") % {"low": said_number(row.value_low), "high": said_number(row.value_high)}


def language_of(text: str, country: str = "") -> str:
    """The language of a native name: its country's where known, else what its script tells, else ""."""
    if country in _LANGUAGES:
        return _LANGUAGES[country]
    return next((code for code, script in _SCRIPTS if script.search(text)), "")


def said_place(citation) -> str:
    """Where in its source a citation stands, in the language of the page; "" where nobody noted it."""
    first, last = citation.line_first, citation.line_last
    lines = ""
    if first and last and last != first:
        lines = gettext("lines %(first)d–%(last)d") % {"first": first, "last": last}
    elif first:
        lines = gettext("line %d") % first
    section = gettext("section %s") % citation.section if citation.section else ""
    return listed(filter(None, (section, lines, citation.locator_note)))


def said_name(name: str, native_name: str, translations: Mapping[str, str]) -> str:
    """A name for a reader of the page: translated, or native where its script is the reader's, else English."""
    language = get_language()
    native = native_name if native_name and language_of(native_name) == language else ""
    return translations.get(language) or native or name
