"""The pages of an import: from the file to the word that imports it, for those who may."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from eccp.curation.importing import admin as importing_admin
from eccp.curation.importing.models import Import, ImportState
from eccp.curation.models import Proposal, Revision
from eccp.reference.models import Organisation
from tests.curation.test_importing import WHY, rows_of, written
from tests.factories import OrganisationFactory

pytestmark = pytest.mark.usefixtures("registry")
UPLOAD = "admin:curation_import_add"


def give(client, rows, listing="organisations", reason=WHY, name="edited.csv", **fields):
    content = rows if isinstance(rows, bytes) else written(rows)
    said = {"listing": listing, "file": SimpleUploadedFile(name, content), "reason": reason, **fields}
    return client.post(reverse(UPLOAD), said)


def page(wanted):
    return reverse("admin:curation_import_change", args=[wanted.pk])


def act(client, wanted, name):
    return client.post(reverse(f"admin:curation_import_{name}", args=[wanted.pk]))


def test_a_curator_gives_a_file_reads_what_changes_and_says_so(client, anna):
    public = OrganisationFactory(slug="public", name="Before", website="")
    client.force_login(anna)
    rows = [["id", "name", "kind"], ["public", "After", public.kind], ["fresh", "Fresh", "cluster"]]
    answer = client.get(give(client, rows)["Location"])
    text = answer.content.decode()
    assert "Before" in text
    assert "After" in text
    assert "1 new, 1 changed, 0 with errors" in text
    assert not Organisation.objects.filter(slug="fresh").exists()
    wanted = Import.objects.get()
    assert (
        "changes of public records are in review"
        in client.get(act(client, wanted, "apply")["Location"]).content.decode()
    )
    wanted.refresh_from_db()
    assert (wanted.state, wanted.content, wanted.report) == (ImportState.APPLIED, None, [])
    fresh = Organisation.objects.get(slug="fresh")
    assert (fresh.name, fresh.publication_status) == ("Fresh", "draft")
    assert (Revision.objects.get(record=fresh).reason, Revision.objects.get(record=fresh).by) == (WHY, anna)
    proposal = Proposal.objects.get(record=public)
    assert (proposal.state["name"], proposal.author, proposal.reason) == ("After", anna, WHY)
    assert proposal.status == "submitted"  # a publisher finds it on the desk
    assert Organisation.objects.get(slug="public").name == "Before"
    # A second time it changes nothing.
    answer = client.get(give(client, rows)["Location"])
    assert "Nothing changed" in answer.content.decode()
    assert Proposal.objects.get().saves == 1


def test_a_long_file_says_how_far_it_is(client, anna, monkeypatch):
    monkeypatch.setattr(importing_admin, "LONG", 2)
    client.force_login(anna)
    answer = give(
        client, [["id", "name", "kind"], *([f"new-{number}", f"New {number}", "cluster"] for number in range(3))]
    )
    text = b"".join(answer.streaming_content).decode()
    assert "3 of 3 rows" in text
    assert "checked, waits for your word" in text
    wanted = Import.objects.get()
    text = b"".join(act(client, wanted, "apply").streaming_content).decode()
    assert f'href="{page(wanted)}"' in text
    assert "imported" in text
    assert Organisation.objects.filter(slug__startswith="new-").count() == 3


def test_a_page_that_is_left_while_it_imports_leaves_nothing_behind(client, anna, monkeypatch):
    monkeypatch.setattr(importing_admin, "LONG", 2)
    monkeypatch.setattr("eccp.curation.importing.running._STEP", 1)
    client.force_login(anna)
    answer = give(
        client, [["id", "name", "kind"], *([f"new-{number}", f"New {number}", "cluster"] for number in range(3))]
    )
    assert b"".join(answer.streaming_content)
    wanted = Import.objects.get()
    answer = act(client, wanted, "apply")
    lines = iter(answer.streaming_content)
    while b"3 of 3" not in next(lines):
        pass
    answer._iterator.close()
    assert not Organisation.objects.filter(slug__startswith="new-").exists()
    text = client.get(page(wanted)).content.decode()
    assert "was begun and has not ended" in text
    list(act(client, wanted, "apply").streaming_content)
    assert Organisation.objects.filter(slug__startswith="new-").count() == 3


def test_the_faulty_rows_come_back_as_a_file_that_is_put_right(client, anna):
    client.force_login(anna)
    rows = [
        ["id", "name", "kind", "countries"],
        ["one", "One", "clutser", "DE"],
        ["two", "Two", "cluster", "Germny"],
        ["three", "", "", "DE"],
        ["four", "Four", "cluster", "DE"],
    ]
    answer = client.get(give(client, rows)["Location"])
    wanted = Import.objects.get()
    assert (wanted.state, wanted.faults) == (ImportState.FAULTY, 3)
    assert "Import all of this" not in answer.content.decode()
    act(client, wanted, "apply")
    assert not Organisation.objects.filter(slug="four").exists()
    given = rows_of(client.get(reverse("admin:curation_import_faults", args=[wanted.pk])).content)
    assert given[0] == ["id", "name", "kind", "countries", "error"]
    assert [row[0] for row in given[1:]] == ["one", "two", "three"]
    assert "Did you mean “cluster”?" in given[1][4]
    assert "Did you mean “Germany”?" in given[2][4]
    assert "name: A new" in given[3][4]
    assert "kind: A new" in given[3][4]
    given[1][2], given[2][3], given[3][1:3] = "cluster", "Germany", ["Three", "agency"]
    give(client, given)
    assert Import.objects.latest("pk").state == ImportState.CHECKED


def test_an_import_that_finds_something_else_than_was_checked_is_not_done(client, anna):
    record = OrganisationFactory(slug="mine", name="Before", publication_status="draft")
    client.force_login(anna)
    give(client, [["id", "name"], ["mine", "After"]])
    record.name = "Meanwhile"
    record.save()
    wanted = Import.objects.get()
    text = client.get(act(client, wanted, "apply")["Location"]).content.decode()
    assert "has changed since the check" in text
    assert "Meanwhile" in text
    assert Organisation.objects.get(slug="mine").name == "Meanwhile"
    act(client, wanted, "apply")
    assert Organisation.objects.get(slug="mine").name == "After"
    for once_more in ("apply", "check"):
        again = act(client, wanted, once_more)
        assert "decided on already" in client.get(again["Location"]).content.decode()
    assert not Import.objects.get().is_open


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"name,kind\nx,y\n", "no column “id”"),
        (b"id,nmae\nx,y\n", "Did you mean “name”?"),
        (b"id,name,name\nx,y,z\n", "stands there twice"),
        (b"id,name\n", "no rows"),
        (b"%PDF-1.4", "neither a CSV nor an XLSX"),
        ('id,name\nx,Caf\u00e9\u2019s \u4e2d'.encode()[:-1], "two encodings"),
    ],
    ids=["empty", "no-id", "unknown", "twice", "no-rows", "pdf", "encoding"],
)  # fmt: skip
def test_a_header_that_is_not_understood_is_refused_at_once(client, anna, content, said):
    client.force_login(anna)
    answer = give(client, content)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Import.objects.exists()


def test_only_those_who_may_import(client, team, anna):
    client.force_login(anna)
    give(client, [["id", "name", "kind"], ["fresh", "Fresh", "cluster"]])
    wanted = Import.objects.get()
    for role, sees in (("administrator", False), ("publisher", True)):
        client.force_login(team(role))
        assert client.get(reverse(UPLOAD)).status_code == (200 if sees else 403)
        assert client.get(page(wanted)).status_code == (200 if sees else 403)
        for name in ("check", "apply", "discard"):
            assert act(client, wanted, name).status_code == 403
    client.logout()
    assert client.get(page(wanted)).status_code == 302
    assert not Organisation.objects.filter(slug="fresh").exists()


def test_each_list_of_the_admin_leads_to_its_import(client, anna, team):
    client.force_login(anna)
    for model, listing in (("reference_organisation", "organisations"), ("markets_policymeasure", "measures")):
        text = client.get(reverse(f"admin:{model}_changelist")).content.decode()
        assert f"{reverse(UPLOAD)}?listing={listing}" in text
    client.force_login(team("administrator"))
    assert reverse(UPLOAD) not in client.get(reverse("admin:reference_organisation_changelist")).content.decode()
