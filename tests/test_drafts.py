"""Nothing reaches the public but what is published: every public address is found and read for drafts."""

import io
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from eccp.listing.listings import LISTINGS
from eccp.records.models import Record
from tests import factories
from tests.addresses import public_addresses
from tests.factories import FACTORIES
from tests.listing.reading import body

SECRET = "quetzalcoatl"  # stands in every text of every draft, and nowhere else

pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    """All that an answer says, the inside of a workbook and its headers included."""
    data = body(response)
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            data = b"".join(book.read(name) for name in book.namelist())
    return (data.decode("utf-8", "replace") + str(response.headers)).casefold()


def hide(kind: str, status: str, **fields):
    """A record of ``kind`` that is not published, its secret in every text it has."""
    made = FACTORIES[kind](
        slug=f"{SECRET}-{kind}-{status.replace('_', '-')}",
        name=f"{SECRET} {kind}",
        native_name=f"{SECRET} native",
        summary=f"{SECRET} summary",
        publication_status=status,
        **fields,
    )
    made.aliases.create(name=f"{SECRET} alias {kind} {status}")
    made.statements.create(key="s", aspect="context", text=f"{SECRET} statement")
    made.figures.create(key="f", what=f"{SECRET} figure", unit="x", value=7)
    made.assessments.create(key="a", criterion=f"{SECRET} criterion", judgement="x")
    factories.CitationFactory(record=made, stated_value=f"{SECRET} stated")
    return made


def link_to_published(drafts: dict) -> None:
    """Name the drafts from published records, as no workflow would allow, and published records from the drafts."""
    organisation = Record.objects.get(record_kind="organisation", slug="techtera").as_organisation
    partnership = Record.objects.get(record_kind="partnership", slug="life-science-nord-kobe").as_partnership
    agreement = partnership.agreements.published().first()
    partnership.participants.create(organisation=drafts["organisation"], side="partner")
    partnership.sectors.add(drafts["sector"])
    partnership.supports.create(organisation=drafts["organisation"], programme=drafts["programme"])
    partnership.target_countries.add(drafts["country"])
    organisation.regions.add(drafts["region"])
    organisation.memberships.create(member=drafts["organisation"])
    agreement.parties.create(organisation=drafts["organisation"])
    drafts["partnership"].participants.create(organisation=organisation, side="european")
    factories.CitationFactory(record=organisation, source=drafts["source"], stated_value=f"{SECRET} by a draft source")
    for name in ("agreement", "activity", "contactpoint", "participation"):
        drafts[name].partnership = partnership
        drafts[name].save()
    drafts["agreement"].parties.create(organisation=organisation)
    drafts["edition"].programme = Record.objects.get(record_kind="programme", slug="jetro-rit").as_programme
    drafts["edition"].save()


@pytest.mark.parametrize("status", ["draft", "in_review"])
def test_a_draft_appears_nowhere_public(registry, client, status):
    drafts = {kind: hide(kind, status) for kind in FACTORIES}
    link_to_published(drafts)
    factories.ObservationFactory(indicator=drafts["indicator"], note=f"{SECRET} note")
    ids = {
        "organisations": ["techtera", "life-science-nord"],
        "partnerships": ["life-science-nord-kobe"],
        "programmes": ["jetro-rit"],
        "countries": ["JP", "DE", "FR"],
        "sectors": ["health", "textiles"],
        "sources": ["eccp-japan-2018"],
    }
    some = {name: ids.get(name) for name in LISTINGS}
    read = 0
    for address in public_addresses({name: found or _first_ids(name) for name, found in some.items()}):
        for query in ("", f"?q={SECRET}"):
            response = client.get(address + query)
            said = text_of(response).replace(f"?q={SECRET}", "").replace(f"q={SECRET}", "")
            if not query:
                assert SECRET not in said, address
                read += 1
            elif address.endswith(".json") and response.status_code == 200 and "count" in response.json():
                assert response.json()["count"] == 0, address
    assert read > 200


def _first_ids(name: str) -> list[str]:
    from eccp.listing.index import index

    return index.snapshot(LISTINGS[name]).ids[:3]


def test_a_draft_counts_nowhere(registry, client):
    def counts():
        return {name: int(client.get(f"/{name}.csv")["X-Row-Count"]) for name in LISTINGS}

    made = {kind: hide(kind, "published") for kind in FACTORIES}
    factories.ObservationFactory(indicator=made["indicator"])
    public = counts()
    for record in made.values():
        record.publication_status = "draft"
        record.save()
    drafted = {LISTINGS[name].kind(): name for name in LISTINGS if LISTINGS[name].kind() in made}
    expected = dict.fromkeys(drafted.values(), 1) | {"observations": 1, "citations": len(made)}
    hidden = counts()
    assert {name: public[name] - hidden[name] for name in LISTINGS} == expected


@pytest.mark.parametrize("name", sorted(LISTINGS))
def test_a_draft_answers_exactly_as_what_does_not_exist(registry, client, name):
    kind = LISTINGS[name].kind()
    if not kind:
        indicator = hide("indicator", "draft")
        observation = factories.ObservationFactory(indicator=indicator, key="o1")
        citation = factories.CitationFactory(record=indicator)
        slug = {"observations": f"{indicator.slug}.{observation.key}", "citations": citation.key}[name]
    else:
        slug = hide(kind, "draft").slug
    other = "no-such-thing"
    for draft, missing in [
        (f"/{name}/{slug}/", f"/{name}/{other}/"),
        (f"/{name}/{slug}.json", f"/{name}/{other}.json"),
        (f"/ja/{name}/{slug}/", f"/ja/{name}/{other}/"),
    ]:
        client.get(missing)  # so that the index is there
        with CaptureQueriesContext(connection) as for_draft:
            hidden = client.get(draft)
        with CaptureQueriesContext(connection) as for_nothing:
            absent = client.get(missing)
        assert hidden.status_code == absent.status_code == 404
        # The same work is done for both, so that neither takes longer than the other.
        asked = [[each["sql"] for each in queries.captured_queries] for queries in (for_draft, for_nothing)]
        assert [sql.replace(slug, "") for sql in asked[0]] == [sql.replace(other, "") for sql in asked[1]]
        assert body(hidden).decode().replace(slug, "") == body(absent).decode().replace(other, "")


def test_a_withdrawn_record_answers_with_its_stub_and_is_on_no_list(registry, client):
    made = factories.OrganisationFactory(
        slug="gone", name="Gone for good", publication_status="withdrawn", withdrawn_on="2026-01-02",
        withdrawal_reason="It stood in the registry twice.",
    )  # fmt: skip
    made.old_slugs.create(slug="gone-before")
    response = client.get("/organisations/gone/")
    assert response.status_code == 410
    assert "It stood in the registry twice." in response.content.decode()
    answer = client.get("/organisations/gone.json")
    assert answer.status_code == 410
    assert answer.json()["errors"]["withdrawn_on"] == ["2026-01-02"]
    assert client.get("/organisations/gone-before/")["Location"] == "/organisations/gone/"
    assert client.get("/organisations.json?q=gone").json()["count"] == 0


def test_an_old_id_redirects_also_inside_a_query(registry, client):
    response = client.get("/regions/FR24/?as_of=2018-12-01")
    assert (response.status_code, response["Location"]) == (301, "/regions/FRB0/?as_of=2018-12-01")
    response = client.get("/organisations.csv?region=FR24&kind=cluster")
    assert (response.status_code, response["Location"]) == (301, "/organisations.csv?region=FRB0&kind=cluster")
    assert client.get("/ja/regions/FR24/")["Location"] == "/ja/regions/FRB0/"


def test_no_public_page_sets_a_cookie(registry, client):
    for address in ("/", "/partnerships/", "/partnerships/life-science-nord-kobe/", "/partnerships.csv", "/about/"):
        response = client.get(address)
        assert not response.cookies, address
        assert "Cookie" not in response.get("Vary", ""), address
