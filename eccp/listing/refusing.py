"""What is said to a question that is not answered, as a page and as data."""

import json
from collections.abc import Callable, Iterable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext


def strangers(asked: Iterable[str], *words: str) -> dict[str, list[str]]:
    """What is wrong with each word asked that an address which takes ``words`` does not take."""
    if words:
        said = gettext("This address takes only %(words)s.") % {"words": ", ".join(words)}
    else:
        said = gettext("This address takes no words after a question mark.")
    return {name[:40]: [said] for name in asked if name not in words}


def refusal(request: HttpRequest, problems: dict[str, list[str]], *, is_data: bool, **context) -> HttpResponse:
    """400, with what is wrong by word: problem details where data was asked for, else a page."""
    if is_data:
        return problem_details(400, gettext("The question was not understood."), problems)
    return render(request, "listing/bad_request.html", context | {"problems": problems}, status=400)


def takes(view: Callable[..., HttpResponse], *words: str, is_data: bool = False) -> Callable[..., HttpResponse]:
    """``view`` at an address that takes ``words`` and no others."""

    @wraps(view)
    def answer(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if wrong := strangers(request.GET, *words):
            return refusal(request, wrong, is_data=is_data)
        return view(request, *args, **kwargs)

    return answer


def problem_details(
    status: int, title, problems: dict[str, list[str]] | None = None, *, detail: str = ""
) -> HttpResponse:
    """An RFC 9457 answer that says what is wrong, by word where it is one."""
    body = {"type": "about:blank", "title": str(title), "status": status}
    if detail:
        body["detail"] = detail
    if problems:
        body["detail"] = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in problems.items())
        body["errors"] = problems
    return HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type="application/problem+json")
