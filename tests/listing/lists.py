"""Every list of the site as a parameter of a test."""

import pytest

from eccp.listing.listings import LISTINGS

EVERY_LIST = pytest.mark.parametrize("name", sorted(LISTINGS))
EVERY_CROSSTAB = pytest.mark.parametrize("name", sorted(n for n, found in LISTINGS.items() if found.has_crosstab()))
NO_CROSSTAB = pytest.mark.parametrize("name", sorted(n for n, found in LISTINGS.items() if not found.has_crosstab()))
