"""Template tags that every page of the registry uses."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.conf import settings
from django.urls import translate_url
from django.utils.html import format_html
from django.utils.translation import get_language, get_language_info, gettext

from eccp.listing.addresses import absolute
from eccp.listing.directory import Directory, Ref
from eccp.listing.question import FacetValue
from eccp.listing.wording import language_of, said_amount, said_date, said_name, said_number, said_place
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

register.filter("when", said_date)
register.filter("number", said_number)
register.filter("amount", said_amount)
register.filter("place", said_place)


@register.simple_tag
def native(text: str, country: str = ""):
    """A native name marked with its language, so that it is read and drawn as such."""
    language = language_of(text, country)
    return format_html('<span lang="{}">{}</span>', language, text) if language else text


@register.filter
def written(text: str):
    """A text of the registry or of a source, marked with its language where the page is in another: mostly English."""
    language = language_of(text) or settings.LANGUAGE_CODE
    return format_html('<span lang="{}">{}</span>', language, text) if text and language != get_language() else text


@register.filter
def local(record: Record | None) -> str:
    """The name of a record for a reader of the page."""
    if record is None:
        return ""
    translation = getattr(record, f"name_{get_language()}", "")
    return said_name(record.name, record.native_name, {get_language(): translation})


@register.simple_tag(takes_context=True)
def link(context, record: Record | Ref | int | None):
    """The name of a record in the language of the page, linked where it has a page of its own.

    A page of a record carries the directory, which knows every public name without asking the database:
    there the record's primary key is enough. What is not public is not known here.
    """
    directory = context.get("directory")
    if record is None or (directory is None and not record.is_published):
        return format_html('<span class="unknown">{}</span>', gettext("not known"))
    ref = _as_public(record, directory) if directory is not None else None
    if directory is not None and ref is None:
        return format_html('<span class="unknown">{}</span>', gettext("not known"))
    name, url = (ref.label, ref.url) if ref is not None else (local(record), record.get_absolute_url())
    title = format_html(' title="{}"', ref.english) if ref is not None and ref.english else ""
    return format_html('<a href="{}"{}>{}</a>', url, title, name) if url else name


def _as_public(record: Record | Ref | int, directory: Directory) -> Ref | None:
    if isinstance(record, Ref):
        return record
    return directory.find(record) if isinstance(record, int) else directory.get(record)


# ── The page around it ──


class KeptNode(template.Node):
    """Shows what stands inside it, and keeps it for later on the page."""

    def __init__(self, name: str, nodelist: template.NodeList):
        self.name, self.nodelist = name, nodelist

    def render(self, context):
        context[self.name] = shown = self.nodelist.render(context)
        return shown


@register.tag
def kept(parser, token):
    """``{% kept title %}{% block title %}…{% endblock %}{% endkept %}``: a block said once and used again."""
    name = token.split_contents()[1]
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(name, nodelist)


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
        return absolute(question.canonical_url)
    return absolute(request.path) if request is not None else ""


@register.filter
def shortened(values: list[FacetValue], most: int = 8) -> dict[str, Any]:
    """Values of a facet in two: those shown at once, and the rest behind “more”, which is open if one is chosen."""
    # A rest of one or two would cost more to open than it saves.
    at = most if len(values) > most + 2 else len(values)
    rest = values[at:]
    return {"first": values[:at], "rest": rest, "is_rest_chosen": any(value.is_chosen for value in rest)}
