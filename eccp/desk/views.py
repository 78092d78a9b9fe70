"""The pages of the desk inside the curators' site: the list of each item, and how well each field is filled."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from eccp.desk.facts import coverage, fact_fields, fact_parts
from eccp.desk.items import ITEMS, items_for
from eccp.records.labels import fact_name
from eccp.records.models import RecordModel, record_models

PER_PAGE = 50


def counts(request: HttpRequest, on: date) -> list[dict[str, Any]]:
    """Each item that the curator may see with how many wait: one query each."""
    return [{"item": item, "count": item.question(on).count()} for item in items_for(request.user)]


def item_list(request: HttpRequest, site: AdminSite, name: str) -> HttpResponse:
    """What waits of one item, page by page, narrowed to a kind of record if asked."""
    item = ITEMS.get(name)
    if item is None:
        raise Http404
    if not request.user.has_perm(item.permission):
        raise PermissionDenied
    on = timezone.localdate()
    question = item.question(on)
    kinds, kind = item.kinds(question), request.GET.get("kind", "")
    if kind and kind not in record_models():
        raise Http404
    rows = question.filter(**{item.kind_path: kind}) if kind else question
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
    context = {
        **site.each_context(request),
        "title": item.title,
        "item": item,
        "page": page,
        "lines": item.lines(list(page), on),
        "kind": kind,
        "kinds": [(each, record_models()[each]._meta.verbose_name_plural, count) for each, count in kinds.items()],
        "total": question.count(),
    }
    return render(request, "desk/list.html", context)


def coverage_of_fields(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """For each fact of one kind of record, how many public records state it and how many of them cite it."""
    kinds = {kind: model for kind, model in record_models().items() if fact_fields(model) or fact_parts(model)}
    model = kinds.get(request.GET.get("kind", "partnership"))
    if model is None:
        raise Http404
    if not request.user.has_perm("records.view_record"):
        raise PermissionDenied
    total, facts = coverage(model)
    context = {
        **site.each_context(request),
        "title": _("Coverage per field"),
        "kinds": [(kind, each._meta.verbose_name_plural) for kind, each in sorted(kinds.items())],
        "kind": model._meta.model_name,
        "total": total,
        "facts": [
            {
                "name": fact_name(name),
                "filled": filled,
                "empty": total - filled,
                "empty_url": _list_of_empty(model, name),
                "cited": cited,
                "uncited": filled - cited,
            }
            for name, (filled, cited) in facts.items()
        ],
    }
    return render(request, "desk/coverage.html", context)


def _list_of_empty(model: type[RecordModel], name: str) -> str:
    """The curators' list of the public records whose field or part ``name`` is empty."""
    field = model._meta.get_field(getattr(model, name).rel.field.related_query_name() if name in model.parts else name)
    is_text = isinstance(field, models.CharField | models.TextField) and not field.null
    is_box = isinstance(field, models.BooleanField) and not field.null
    lookup = f"{field.name}__exact" if is_text or is_box else f"{field.name}__isnull"
    asked = {"publication_status__exact": "published", lookup: "" if is_text else "0" if is_box else "1"}
    opts = model._meta
    return f"{reverse(f'admin:{opts.app_label}_{opts.model_name}_changelist')}?{urlencode(asked)}"
