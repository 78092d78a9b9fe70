"""What many become public by at once: all that was chosen is shown first, and each is published as it was shown."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

#: One field for all of it: a form may have a thousand fields, and a list many more lines.
SEEN = "seen"
_KEY_AND_NUMBER = re.compile(r"\b(\d{1,18})\.(\d{1,9})\b", re.ASCII)


@dataclass(frozen=True)
class Line:
    """One of those that were chosen, with the number that says which version of it is shown."""

    key: int
    number: int
    name: str
    kind: str
    status: str
    changed_at: datetime
    #: Where it is read.
    url: str
    said: str = ""


def chosen(model_admin: ModelAdmin, request: HttpRequest, queryset: QuerySet) -> QuerySet:
    """What was chosen, also what has left the list that it was chosen in: that says so instead of being left out."""
    if request.POST.get("select_across") == "1":
        return queryset
    return model_admin.get_queryset(request).filter(pk__in=request.POST.getlist(ACTION_CHECKBOX_NAME))


def ask(model_admin: ModelAdmin, request: HttpRequest, title: str, lines: Iterable[Line]) -> HttpResponse:
    """The page that shows what was chosen, and asks."""
    lines = list(lines)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": title,
        "lines": lines,
        "action": request.POST["action"],
        "seen": " ".join(f"{line.key}.{line.number}" for line in lines),
    }
    return render(request, "admin/curation/chosen.html", context)


def seen(request: HttpRequest) -> dict[int, int] | None:
    """Which version of each the page has shown; None before it has."""
    if SEEN not in request.POST:
        return None
    return {int(key): int(number) for key, number in _KEY_AND_NUMBER.findall(request.POST[SEEN])}
