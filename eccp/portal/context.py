"""What every page knows."""


def site(request):
    """Names that every template may use."""
    return {}
