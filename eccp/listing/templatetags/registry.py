"""Template tags that every page of the registry uses."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django import template
from django.conf import settings
from django.urls import translate_url
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.translation import get_language, get_language_info, gettext

from eccp.listing.addresses import absolute
from eccp.records.dates import PartialDate
from eccp.records.evidence import Evidence
from eccp.records.labels import fact_name
from eccp.records.models import Citation, Record

register = template.Library()

# ── Evidence ──


@register.inclusion_tag("records/_marks.html")
def cite(evidence: Evidence | None, *fields: str | Iterable[str]):
    """The numbers of the sources that support the given fields, and whether sources disagree about them."""
    names = [name for field in fields for name in ([field] if isinstance(field, str) else field)]
    if not evidence or not names:
        return {"marks": [], "disputes": []}
    return {"marks": evidence.marks(*names), "disputes": evidence.disputes_about(*names)}


@register.filter
def of(evidence: Evidence | None, record: Record) -> Evidence | None:
    """The evidence for one of the further records whose facts stand on the page, under the same numbers."""
    return evidence.of(record) if evidence else None


@register.filter
def path(part: str, key) -> str:
    """The field a citation of one row of a part names: ``"figures"|path:figure.key``."""
    return f"{part}.{key}"


@register.simple_tag
def fact(citation: Citation, record: Record | None = None) -> str:
    """What a citation supports, in the reader's words."""
    return fact_name(citation.field, record)


# ── Dates, numbers and names ──


@register.filter
def when(value: PartialDate | date | None) -> str:
    """A date as precise as it is known, in the words of the page's language; "" when it is not."""
    if not value:
        return ""
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    start, _slash, end = value.text.partition("/")
    return f"{_part(start)} – {_part(end)}" if end else _part(start)


def _part(text: str) -> str:
    """One ISO year, month or day in words."""
    if len(text) == len("2018"):
        return text
    layout = "YEAR_MONTH_FORMAT" if len(text) == len("2018-01") else "DATE_FORMAT"
    return date_format(PartialDate.parse(text).first, layout)


@register.filter
def number(value: Decimal | int | None) -> str:
    """A number as the page's language writes it, with no digit more than its source gives."""
    if value is None:
        return ""
    exact = value.normalize() if isinstance(value, Decimal) else value
    places = max(0, -exact.as_tuple().exponent) if isinstance(exact, Decimal) else 0
    return number_format(exact, decimal_pos=places, force_grouping=True)


@register.filter
def amount(row) -> str:
    """A reported value: one number, a range, or a floor or ceiling said as such."""
    if row.value is not None:
        return number(row.value)
    if row.value_high is None:
        return gettext("more than %(low)s") % {"low": number(row.value_low)}
    if row.value_low is None:
        return gettext("up to %(high)s") % {"high": number(row.value_high)}
    return gettext("%(low)s to %(high)s") % {"low": number(row.value_low), "high": number(row.value_high)}


#: The main language of the names that stand in a country's own script or tongue.
_LANGUAGES = {
    "AT": "de", "BG": "bg", "CH": "de", "CN": "zh", "CZ": "cs", "DE": "de", "DK": "da", "EE": "et", "ES": "es",
    "FI": "fi", "FR": "fr", "GR": "el", "HR": "hr", "HU": "hu", "IS": "is", "IT": "it", "JP": "ja", "KR": "ko",
    "LT": "lt", "LV": "lv", "NL": "nl", "NO": "no", "PL": "pl", "PT": "pt", "RO": "ro", "RU": "ru", "SE": "sv",
    "SI": "sl", "SK": "sk", "TR": "tr", "TW": "zh", "UA": "uk",
}  # fmt: skip
_SCRIPTS = (("ja", re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")), ("ko", re.compile(r"[\uac00-\ud7af]")))


def language_of(text: str, country: str = "") -> str:
    """The language of a native name: its country's where known, else what its script tells, else ""."""
    if country in _LANGUAGES:
        return _LANGUAGES[country]
    return next((code for code, script in _SCRIPTS if script.search(text)), "")


@register.simple_tag
def native(text: str, country: str = ""):
    """A native name marked with its language, so that it is read and drawn as such."""
    language = language_of(text, country)
    return format_html('<span lang="{}">{}</span>', language, text) if language else text


@register.filter
def local(record: Record | None) -> str:
    """The name of a record in the language of the page, else the English one."""
    return getattr(record, f"name_{get_language()}", "") or record.name if record else ""


# ── The page around it ──


@register.simple_tag(takes_context=True)
def languages(context) -> list[dict]:
    """The languages of the page with its address in each; none where there is no request."""
    request = context.get("request")
    if request is None:
        return []
    here = request.get_full_path()
    current = get_language()
    return [
        {
            "code": code,
            "name": get_language_info(code)["name_local"].capitalize(),
            "url": (url := translate_url(here, code)),
            "absolute": absolute(url),
            "is_current": code == current,
        }
        for code, _name in settings.LANGUAGES
    ]


@register.simple_tag(takes_context=True)
def canonical(context) -> str:
    """The one full address of this page: that of its question, else its path without a query."""
    question, request = context.get("question"), context.get("request")
    if question is not None and not question.problems:
        return absolute(question.url())
    return absolute(request.path) if request is not None else ""


@register.filter
def shortened(values: list, most: int = 8) -> dict[str, list]:
    """Values of a facet in two: those shown at once, and the rest behind “more”."""
    # A rest of one or two would cost more to open than it saves.
    return {"first": values, "rest": []} if len(values) <= most + 2 else {
        "first": values[:most], "rest": values[most:],
    }  # fmt: skip
