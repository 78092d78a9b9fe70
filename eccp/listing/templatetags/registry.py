"""Template tags that every page of the registry uses."""

from django import template
from django.conf import settings
from django.urls import translate_url
from django.utils.translation import get_language_info

from eccp.records.evidence import Evidence

register = template.Library()


@register.inclusion_tag("records/_marks.html")
def cite(evidence: Evidence, *fields: str):
    """The numbers of the sources that support the given fields, and whether sources disagree about them."""
    return {"marks": evidence.marks(*fields), "disputes": evidence.disputes_about(*fields)}


@register.simple_tag(takes_context=True)
def languages(context) -> list[dict]:
    """The languages of the page with its address in each."""
    path = context["request"].get_full_path()
    return [
        {"code": code, "name": get_language_info(code)["name_local"].capitalize(), "url": translate_url(path, code)}
        for code, _name in settings.LANGUAGES
    ]
