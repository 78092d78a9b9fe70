"""The way from a list of the admin to the import of what it holds."""

from django import template
from django.urls import reverse

from eccp.curation.importing import running
from eccp.curation.importing.bindings import importable

register = template.Library()


@register.simple_tag(takes_context=True)
def import_url(context, opts) -> str:
    """Where records of a kind are imported; "" where that cannot be done, or not by this curator."""
    name, user = getattr(opts.model, "address", ""), context["request"].user
    if (
        name not in importable()
        or not user.has_perm("curation.add_import")
        or not any(running.may(user, name).values())
    ):
        return ""
    return f"{reverse('admin:curation_import_add')}?listing={name}"
