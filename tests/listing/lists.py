"""Every list of the site as a parameter of a test."""

import pytest

from eccp.listing.listings import LISTINGS

EVERY_LIST = pytest.mark.parametrize("name", sorted(LISTINGS))
