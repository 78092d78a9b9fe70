"""What is understood of a date while it is typed: the one parser is asked, so that no script need read dates."""

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from eccp.listing.wording import said_date
from eccp.records.dates import understand

LONGEST = 100  # characters of a date that anybody could mean


def understood(request: HttpRequest) -> JsonResponse:
    """``text`` as it would be stored, in words, or why it is not a date."""
    text = request.GET.get("text", "").strip()[:LONGEST]
    if not text:
        return JsonResponse({"is_understood": True, "said": ""})
    try:
        date = understand(text)
    except ValueError as problem:
        return JsonResponse({"is_understood": False, "said": str(problem)})
    said = _("Understood: %(date)s") % {"date": said_date(date)}
    return JsonResponse({"is_understood": True, "said": f"{said} ({date})"})
