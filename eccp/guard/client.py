"""Who asks: the address a request comes from, and how much of it may be kept."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac


def address(request: HttpRequest) -> str | None:
    """Where the request comes from, as the proxies in front say; None where nothing sound is said.

    Each proxy appends the address that spoke to it, so only as many entries as there are proxies, counted from
    the right, are theirs; whatever stands further left was written by the client.
    """
    stated = request.META.get("REMOTE_ADDR", "")
    if settings.PROXIES_IN_FRONT:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        stated = forwarded[-settings.PROXIES_IN_FRONT] if len(forwarded) >= settings.PROXIES_IN_FRONT else ""
    try:
        found = ip_address(stated.strip())
    except ValueError:
        return None
    return str(getattr(found, "ipv4_mapped", None) or found)


def key(request: HttpRequest) -> str:
    """A name for the client to count under, from which no address can be read.

    One household or office has a whole /64 of IPv6, so that is one client.
    """
    stated = address(request) or ""
    if stated and isinstance(ip_address(stated), IPv6Address):
        stated = str(ip_network(f"{stated}/64", strict=False))
    return salted_hmac("eccp.guard.client", stated, algorithm="sha256").hexdigest()[:24]
