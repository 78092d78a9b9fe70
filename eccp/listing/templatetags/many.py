"""What a page has hundreds of: boxes to tick and cells. Written straight, since a template for each would be the page.

Every text is escaped where it is put in; only what is written here is markup.
"""

from collections.abc import Callable, Iterable
from functools import partial
from html import escape

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from eccp.listing.columns import Cell, Column, DayWord, Number, is_known
from eccp.listing.markup import escaped
from eccp.listing.question import Facet, FacetValue
from eccp.listing.templatetags.registry import native
from eccp.listing.views import TableRow
from eccp.listing.wording import said_date

register = template.Library()


@register.simple_tag
def facet_values(facet: Facet, part: str, values: Iterable[FacetValue]) -> SafeString:
    """The values of one part of a facet as boxes to tick."""
    if part not in facet.written:
        facet.written[part] = "\n".join(_facet_value(facet.name, value) for value in values)
    return mark_safe(facet.written[part])  # noqa: S308 - escaped below


def _facet_value(name: str, value: FacetValue) -> str:
    code, label, count, is_chosen, depth = value
    code, checked = escaped(code), " checked" if is_chosen else ""
    return (
        f'<li class="facet-value depth-{depth}"><label>'
        f'<input type="checkbox" id="value-{name}-{code}" name="{name}" value="{code}"{checked}>'
        f'<span class="value-label">{escaped(label)}</span><span class="value-count">{count}</span>'
        "</label></li>"
    )


#: The columns that name a row, and so lead to its page.
NAMING = frozenset({"title", "name", "stated_value"})


@register.filter
def are_naming(columns: Iterable[Column]) -> bool:
    """Whether one of the columns leads to the page of its row, so that no other has to."""
    return any(column.name in NAMING for column in columns)


@register.simple_tag(takes_context=True)
def table_rows(context, columns: list[Column], rows: Iterable[TableRow]) -> SafeString:
    """Rows of a table (``eccp.listing.views.table_rows``), each with a way to its page."""
    language, query = get_language(), context["day_query"]
    write, last = [_writer(column, language, query) for column in columns], "" if are_naming(columns) else _way
    return mark_safe(  # noqa: S308 - escaped below
        "\n".join(
            f"<tr>{''.join([cell(row, value) for cell, value in zip(write, row.cells, strict=True)])}"
            f"{last and last(row)}</tr>"
            for row in rows
        )
    )


def _way(row: TableRow) -> str:
    """The cell that leads to the page of a row that no column names."""
    page, way = escape(gettext("Page")), escape(gettext("Open"))
    who = f'<span class="visually-hidden"> {escape(row.id)}</span>'
    return f'<td data-label="{page}"><a href="{escape(row.url)}">{way}{who}</a></td>'


def _writer(column: Column, language: str, query: str) -> Callable[[TableRow, Cell], str]:
    """What writes the cells of a column; what they have in common is written once."""
    if column.name in NAMING:
        return partial(_name, column, language)
    start = f'<td data-label="{escape(str(column.label))}" class="{"number" if isinstance(column, Number) else ""}'
    unknown = f'{start} is-empty"><span class="unknown">{escape(gettext("not known"))}</span></td>'

    def write(row: TableRow, cell: Cell) -> str:
        if not is_known(cell):
            return unknown
        if column.name == "native_name":
            return f'{start}">{conditional_escape(native(cell, row.id[:2]))}</td>'
        return f'{start}">{column.html(cell, language, query)}{_last_known(column, row, cell)}</td>'

    return write


def _last_known(column: Column, row: TableRow, cell: Cell) -> str:
    """Up to which day a word is known that dates alone do not prove."""
    if not (isinstance(column, DayWord) and cell in column.last_known and row.verified_on):
        return ""
    said = gettext("as last known on %(day)s") % {"day": said_date(row.verified_on)}
    return f'<span class="as-known">{escape(said)}</span>'


def _name(column: Column, language: str, row: TableRow, cell: Cell) -> str:
    """The cell that names a row and leads to its page."""
    english = ""
    if column.name == "name":
        label = row.ref.label_in(language)
        name, known = escape(label), row.ref.name if row.ref.name != label else ""
        english = f'<span class="as-known" lang="en">{escape(known)}</span>' if known else ""
    else:
        name = column.html(cell, language) if is_known(cell) else escape(row.id)
    return f'<th scope="row"><a href="{escape(row.url)}">{name}</a>{english}</th>'
