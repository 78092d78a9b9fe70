"""The pages that look across every kind of record."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from eccp.listing.index import index
from eccp.listing.listings import LISTINGS
from eccp.listing.views import today


def front(request: HttpRequest) -> HttpResponse:
    """The front page: what this is, what it holds, and the ways in."""
    counts = [(listing, len(index.snapshot(listing).ids)) for listing in LISTINGS.values()]
    return render(request, "portal/front.html", {"counts": counts, "on": today()})
