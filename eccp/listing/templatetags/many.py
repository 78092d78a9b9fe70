"""What a page has hundreds of: boxes to tick and cells. Written straight, since a template for each would be the page.

Every text is escaped where it is put in; only what is written here is markup.
"""

from collections.abc import Iterable
from html import escape
from typing import Any

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from eccp.listing.question import FacetValue
from eccp.listing.templatetags.registry import native
from eccp.listing.wording import said_date

register = template.Library()


@register.simple_tag
def facet_values(name: str, values: Iterable[FacetValue]) -> SafeString:
    """Values of a facet as boxes to tick."""
    return mark_safe("\n".join(_facet_value(name, value) for value in values))  # noqa: S308 - escaped below


def _facet_value(name: str, value: FacetValue) -> str:
    code, checked = escape(value.code), " checked" if value.is_chosen else ""
    return (
        f'<li class="facet-value depth-{value.depth}"><label>'
        f'<input type="checkbox" id="value-{name}-{code}" name="{name}" value="{code}"{checked}>'
        f'<span class="value-label">{escape(value.label)}</span><span class="value-count">{value.count}</span>'
        "</label></li>"
    )


@register.simple_tag
def table_rows(rows: Iterable[dict[str, Any]]) -> SafeString:
    """Rows of a table (``eccp.listing.views.table_rows``), each with a way to its page."""
    return mark_safe("\n".join(map(_row, rows)))  # noqa: S308 - escaped below


def _row(row: dict[str, Any]) -> str:
    url, cells = escape(row["url"]), "".join(_cell(row, cell) for cell in row["cells"])
    if not row["is_named"]:
        page, way = escape(gettext("Page")), escape(gettext("Open"))
        who = f'<span class="visually-hidden"> {escape(row["id"])}</span>'
        cells += f'<td data-label="{page}"><a href="{url}">{way}{who}</a></td>'
    return f"<tr>{cells}</tr>"


def _cell(row: dict[str, Any], cell: dict[str, Any]) -> str:
    if cell["is_name"]:
        ref, english = row["name"], ""
        text = cell["values"][0][0] if cell["values"] else row["id"]
        if cell["column"].name == "name":
            text = ref.label
            english = f'<span class="as-known" lang="en">{escape(ref.english)}</span>' if ref.english else ""
        return f'<th scope="row"><a href="{escape(row["url"])}">{escape(text)}</a>{english}</th>'
    classes = f"{'number' if cell['is_number'] else ''}{'' if cell['values'] else ' is-empty'}"
    label = escape(str(cell["column"].label))
    return f'<td data-label="{label}" class="{classes}">{_content(row, cell)}</td>'


def _content(row: dict[str, Any], cell: dict[str, Any]) -> str:
    """What stands in a cell that is not the row's name."""
    values = cell["values"]
    if not values:
        return f'<span class="unknown">{escape(gettext("not known"))}</span>'
    text = str(values[0][0])
    if cell["tag"]:
        tag = f'<span class="tag is-{escape(cell["tag"])}">{escape(text)}</span>'
        if not (cell["is_last_known"] and row["verified_on"]):
            return tag
        said = gettext("as last known on %(day)s") % {"day": said_date(row["verified_on"])}
        return f'{tag}<span class="as-known">{escape(said)}</span>'
    if cell["is_address"]:
        return f'<a href="{escape(text)}" rel="external noopener" class="address">{escape(text)}</a>'
    if cell["is_native"]:
        return conditional_escape(native(text, row["id"][:2]))
    if cell["iso"]:
        return f'<time datetime="{escape(cell["iso"])}">{escape(text)}</time>'
    if len(values) > 1:
        return f"<ul>{''.join(f'<li>{_linked(*value)}</li>' for value in values)}</ul>"
    return _linked(*values[0])


def _linked(text: Any, url: str, english: str) -> str:
    title = f' title="{escape(english)}"' if english else ""
    return f'<a href="{escape(url)}"{title}>{escape(str(text))}</a>' if url else escape(str(text))
