"""An export that is edited and comes back changes exactly what was edited, or nothing and says why."""

import csv
import io
from datetime import UTC, date, datetime

import pytest

from eccp.curation.importing import running
from eccp.curation.importing.bindings import importable
from eccp.curation.importing.models import Import
from eccp.listing.columns import with_twins

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
ON = date(2026, 11, 22)
WHY = "The list of members says so since June."
MAIN = [
    "partnerships", "organisations", "agreements", "activities", "programmes", "participations", "indicators",
    "observations", "measures", "sources", "sectors",
]  # fmt: skip

pytestmark = pytest.mark.usefixtures("registry")


def checked(by, listing, content, **of):
    """An import of ``content``, checked."""
    if isinstance(content, list):
        content = written(content)
    wanted = Import.objects.create(
        listing=listing, file_name=f"{listing}.csv", content=content, by=by, reason=WHY, uploaded_at=AT, **of
    )
    list(running.check(wanted, at=AT, on=ON))
    return wanted


def written(rows, **how):
    out = io.StringIO(newline="")
    csv.writer(out, **how).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def exported(client, address):
    return b"".join(client.get(address).streaming_content)


def rows_of(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("listing", MAIN)
@pytest.mark.parametrize(("ending", "with_codes"), [("csv", True), ("xlsx", False)])
def test_what_is_exported_comes_back_and_changes_nothing(client, anna, listing, ending, with_codes):
    found = importable()[listing]
    names = f"?columns={','.join(with_twins(found.columns))}" if with_codes else ""
    content = exported(client, f"/{listing}.{ending}{names}")
    wanted = checked(anna, listing, content)
    assert wanted.report == []
    assert wanted.rows == found.get_queryset().count() > 0
