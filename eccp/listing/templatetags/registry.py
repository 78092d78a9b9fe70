"""Template tags that every page of the registry uses."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_info, gettext

from eccp.listing import cited, markup
from eccp.listing.addresses import absolute, in_every_language
from eccp.listing.directory import Directory, Ref
from eccp.listing.question import FacetValue
from eccp.listing.wording import language_of, said_amount, said_date, said_name, said_number, said_place, said_unit
from eccp.records.evidence import Evidence, EvidenceOf
from eccp.records.labels import fact_name
from eccp.records.models import Citation, Record

register = template.Library()

# ── Evidence ──


@register.simple_tag
def cite(evidence: Evidence | EvidenceOf | None, *fields: str) -> SafeString:
    """The numbers of the sources that support the given fields, and whether sources disagree about them."""
    return mark_safe(cited.marks(evidence, fields)) if evidence else SafeString()  # noqa: S308 - escaped there


@register.simple_tag(takes_context=True)
def known_facts(context) -> SafeString:
    """The facts of the page, each with its sources."""
    evidence, record = context["evidence"], context["record"]
    return mark_safe("".join(cited.fact(said, evidence, record) for said in context["facts"]))  # noqa: S308 - as above


@register.simple_tag(takes_context=True)
def citations(context, found: Iterable[Citation], record: Record) -> SafeString:
    """What one source states on the page of ``record``."""
    directory, query = context["directory"], context["day_query"]
    return mark_safe("".join(cited.citation(each, record, directory, query) for each in found))  # noqa: S308 - as above


@register.filter
def of(evidence: Evidence | None, record: Record) -> Evidence | None:
    """The evidence for one of the further records whose facts stand on the page, under the same numbers."""
    return evidence.of(record) if evidence else None


@register.filter
def path(part: str, key) -> str:
    """The field a citation of one row of a part names: ``"figures"|path:figure.key``."""
    return f"{part}.{key}"


@register.simple_tag(takes_context=True)
def fact(context, citation: Citation, record: Record | None = None) -> str:
    """What a citation supports, in the reader's words."""
    return fact_name(citation.field, record, context["directory"].label)


# ── Dates, numbers and names ──

register.filter("when", said_date)
register.filter("number", said_number)
register.filter("amount", said_amount)
register.filter("unit", said_unit)
register.filter("place", said_place)


@register.simple_tag
def native(text: str, country: str = ""):
    """A native name marked with its language, so that it is read and drawn as such."""
    language = language_of(text, country)
    return format_html('<span lang="{}">{}</span>', language, text) if language else text


@register.filter
def written(text: str) -> SafeString:
    """A text of the registry or of a source, marked with its language where the page is in another: mostly English."""
    return mark_safe(cited.written(text))  # noqa: S308 - escaped there


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
    if ref is not None:
        return mark_safe(markup.link(ref, get_language(), context.get("day_query", "")))  # noqa: S308 - escaped there
    name, url = local(record), record.get_absolute_url()
    return format_html('<a href="{}">{}</a>', url, name) if url else name


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


class SameNode(template.Node):
    """Renders what stands inside it once for each language and the values it is given, and keeps that.

    Inside there is nothing but these values: what belongs to one reader, one question or one state of the data cannot
    get in. For the same reason they are words of the code, such as the name of a list, and no records.
    """

    MOST = 500  # kept by one node; the lists, the views and the languages are fewer

    def __init__(self, given: dict[str, template.base.FilterExpression], nodelist: template.NodeList):
        self.given, self.nodelist = given, nodelist
        self.rendered: dict[tuple, str] = {}

    def render(self, context):
        values = {name: value.resolve(context, ignore_failures=True) for name, value in self.given.items()}
        key = (get_language(), *values.values())
        shown = self.rendered.get(key)
        if shown is None:
            for name, value in values.items():
                if not isinstance(value, str | Promise | tuple | None):
                    raise TypeError(f"{name} is no word that is the same for everybody, but {value!r}")
            if len(self.rendered) >= self.MOST:
                self.rendered.clear()
            shown = self.rendered[key] = self.nodelist.render(context.new(values))
        return shown


@register.tag
def same(parser, token):
    """``{% same here=listing.name %}…{% endsame %}``: what every reader of such a page sees alike."""
    given = template.base.token_kwargs(token.split_contents()[1:], parser)
    nodelist = parser.parse(("endsame",))
    parser.delete_first_token()
    return SameNode(given, nodelist)


@register.simple_tag(takes_context=True)
def languages(context) -> list[dict]:
    """The languages of the page with its address in each; none where there is no request."""
    request = context.get("request")
    if request is None:
        return []
    current = get_language()
    return [
        {"code": code, "name": _own_name(code), "url": url, "absolute": absolute(url), "is_current": code == current}
        for code, url in in_every_language(request).items()
    ]


@cache
def _own_name(code: str) -> str:
    """What a language is called by those who speak it."""
    return get_language_info(code)["name_local"].capitalize()


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
