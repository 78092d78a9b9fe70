"""Every address of the registry, and the facets of its list of partnerships with no page around them."""

from django.http import JsonResponse
from django.urls import path

from eccp.listing.views import ListingView
from eccp.urls import urlpatterns as registry
from partnerships.views import PartnershipList


class Facets(ListingView):
    """The counts of every facet, as JSON."""

    def answer(self, question):
        counts = {facet.name: {value.code: value.count for value in facet.values} for facet in question.facets}
        return JsonResponse({"count": question.count, "facets": counts})

    def refuse(self, question):
        return JsonResponse(question.problems, status=400)


urlpatterns = [path("bench/facets/", Facets.as_view(listing=PartnershipList)), *registry]
