"""An export that is edited and comes back changes exactly what was edited, or nothing and says why."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eccp.curation.importing import running
from eccp.curation.importing.bindings import importable
from eccp.curation.importing.models import Import
from eccp.curation.importing.refusals import RefusedError
from eccp.curation.models import Proposal
from eccp.curation.revisions import put
from eccp.listing.columns import with_twins
from eccp.listing.lines import writing
from eccp.records import aggregate
from eccp.reference.models import Country, Organisation
from markets.models import Indicator
from partnerships.models import Partnership
from programmes.models import Programme
from tests.factories import IndicatorFactory, OrganisationFactory, PartnershipFactory

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


# ── Exactly what was edited ──


def edited(client, listing, at, **cells):
    """The export of a list with cells of one row edited."""
    rows = rows_of(exported(client, f"/{listing}.csv?columns={','.join(with_twins(importable()[listing].columns))}"))
    row = rows[at]
    for header, said in cells.items():
        column = rows[0].index(header)
        row[column] = said(row[column]) if callable(said) else said
    return rows, row[rows[0].index("id")]


EDITS = {
    "partnerships": ({"stage": "ended"}, ["Stage"]),
    "organisations": ({"website": "https://example.org/new"}, ["Website"]),
    "agreements": ({"signed": "May 2015"}, ["Signed"]),
    "activities": ({"place": "somewhere else"}, ["Place"]),
    "programmes": ({"acronym": "NEW"}, ["Acronym"]),
    "participations": ({"started": "2015"}, ["Started"]),
    "indicators": ({"unit": "new unit"}, ["Unit"]),
    "measures": ({"kind": lambda kind: "law" if kind != "law" else "plan"}, ["Kind"]),
    "sources": ({"publisher": "somebody else"}, ["Publisher"]),
    "sectors": ({"ecosystem": "tourism"}, ["Industrial ecosystem"]),
}


@pytest.mark.parametrize("listing", EDITS)
def test_one_edited_cell_is_one_difference(client, anna, listing):
    cells, labels = EDITS[listing]
    rows, edited_id = edited(client, listing, 1, **cells)
    wanted = checked(anna, listing, rows)
    [found] = wanted.report
    assert (found["id"], found["what"], found["problems"]) == (edited_id, "changed", [])
    assert [label for label, _before, _after in found["differences"]] == labels


def test_an_edited_observation_is_one_difference_of_its_indicator(client, anna):
    rows, edited_id = edited(client, "observations", 1, period="2031")
    wanted = checked(anna, "observations", rows)
    [found] = wanted.report
    assert (found["id"], found["what"]) == (edited_id, "changed")
    [(label, _before, after)] = found["differences"]
    assert label.startswith("Observation")
    assert label.endswith("Period")
    assert after == "2031"
    list(running.apply(wanted, at=AT, on=ON))
    [proposal] = Proposal.objects.all()
    assert proposal.record.slug == edited_id.partition(".")[0]


def test_who_changes_sides_keeps_the_role(anna):
    record = PartnershipFactory(slug="both")
    one, two, hidden = (OrganisationFactory(name=name) for name in ("One", "Two", "Hidden"))
    record.participants.create(organisation=one, side="european", role="lead")
    record.participants.create(organisation=two, side="partner", role="associated")
    record.participants.create(organisation=hidden, side="partner", role="supporter")
    Organisation.objects.filter(pk=hidden.pk).update(publication_status="draft")
    header = ["id", "european_organisations", "partner_organisations"]
    wanted = checked(anna, "partnerships", [header, ["both", "", "One; Two"]])
    [found] = wanted.report
    assert found["differences"] == [["Participant: One – Side", "European side", "partner side"]]


def test_a_row_says_only_what_its_columns_say(anna):
    record = OrganisationFactory(slug="kept", native_name="神戸", summary="Two\nlines")
    wanted = checked(anna, "organisations", [["id", "summary"], ["kept", "Two\r\nlines"]])
    assert wanted.report == []
    wanted = checked(anna, "organisations", [["id", "summary"], ["kept", "Three\nlines"]])
    assert wanted.report[0]["differences"] == [["Summary", "Two\nlines", "Three\nlines"]]
    assert record.native_name == Organisation.objects.get(slug="kept").native_name


def test_what_stands_there_because_of_a_member_is_not_taken_out_here(anna):
    member = OrganisationFactory(name="Member")
    member.countries.add(Country.objects.get(slug="DE"))
    consortium = OrganisationFactory(slug="meta", kind="consortium")
    consortium.memberships.create(member=member)
    assert problems(anna, "organisations", ["countries"], ["meta", "France"]) == [
        ("countries", "“Germany” stands here because of another record (a member, a region …): change it there.")
    ]
    wanted = checked(anna, "organisations", [["id", "countries"], ["meta", "Germany; France"]])
    assert wanted.report[0]["differences"] == [["Countries", "", "France"]]


def test_rows_of_a_file_may_name_each_other(anna):
    rows = [
        ["id", "name", "kind", "parent"],
        ["child", "Child", "funding", "The parent"],
        ["parent", "The parent", "funding", ""],
    ]
    wanted = checked(anna, "programmes", rows)
    assert wanted.faults == 0
    list(running.apply(wanted, at=AT, on=ON))
    child = Programme.objects.get(slug="child")
    assert (child.parent.slug, child.publication_status) == ("parent", "draft")
    assert checked(anna, "programmes", rows).report == []


def test_what_the_history_keeps_is_what_the_database_holds(anna):
    rows = [
        ["id", "name", "kind", "aliases", "countries", "verified_on"],
        ["fresh", "Fresh", "cluster", "F; Fr", "FR; Germany", "21 November 2017"],
    ]
    for name in ("Fresh", "Fresher"):
        rows[1][1] = name
        list(running.apply(checked(anna, "organisations", rows), at=AT, on=ON))
        record = Organisation.objects.get(slug="fresh")
        assert record.revisions.first().state == aggregate.dump(record)


@pytest.mark.parametrize("together", [True, False], ids=["together", "alone"])
def test_all_or_nothing(anna, monkeypatch, together):
    rows = [["id", "name", "kind"], *([f"new-{number}", f"New {number}", "cluster"] for number in range(6))]
    wanted = checked(anna, "organisations", rows)
    name, stored = "put_together" if together else "put", []
    store = getattr(running, name)

    def cut_off(*args, **kwargs):
        if len(stored) == 2:
            raise KeyboardInterrupt
        stored.append(store(*args, **kwargs))
        return stored[-1]

    monkeypatch.setattr(running, name, cut_off)
    monkeypatch.setattr(running, "_STEP", 2 if together else 1)
    with pytest.raises(KeyboardInterrupt):
        list(running.apply(wanted, at=AT, on=ON))
    assert len(stored) == 2
    assert not Organisation.objects.filter(slug__startswith="new-").exists()
    wanted.refresh_from_db()
    assert wanted.was_interrupted


def test_a_file_with_errors_is_not_imported(anna):
    wanted = checked(
        anna, "organisations", [["id", "name", "kind"], ["new", "New", "klaster"], ["other", "O", "cluster"]]
    )
    with pytest.raises(RefusedError, match=r"Nothing was imported\. This import: has errors\."):
        list(running.apply(wanted, at=AT, on=ON))
    assert not Organisation.objects.filter(slug__in=["new", "other"]).exists()


def test_another_curators_change_is_not_overwritten(anna, team):
    record = OrganisationFactory(slug="busy", name="Before")
    state = aggregate.dump(record) | {"name": "Bens"}
    put(Organisation, state, by=team("curator", "ben"), at=AT, reason=WHY)
    [(_header, said)] = problems(anna, "organisations", ["name"], ["busy", "Annas"])
    assert "ben is waiting" in said


def test_an_own_waiting_change_is_gone_on_with(anna):
    record = OrganisationFactory(slug="busy", name="Before", native_name="")
    put(Organisation, aggregate.dump(record) | {"native_name": "前"}, by=anna, at=AT, reason=WHY)
    list(running.apply(checked(anna, "organisations", [["id", "name"], ["busy", "After"]]), at=AT, on=ON))
    state = Proposal.objects.get().state
    assert (state["name"], state["native_name"]) == ("After", "前")


# ── What is refused, in words ──


def problems(by, listing, headers, row):
    """What is wrong with one row."""
    wanted = checked(by, listing, [["id", *headers], row])
    return [tuple(found) for report in wanted.report for found in report["problems"]]


def test_a_cell_that_may_not_be_empty_says_so_and_what_stood_there(anna):
    OrganisationFactory(slug="named", name="Before")
    assert problems(anna, "organisations", ["name", "website"], ["named", "", "https://example.eu/"]) == [
        ("name", "Every organisation needs this, so the cell cannot be empty: “Before” stood here.")
    ]


@pytest.mark.parametrize(
    ("header", "said", "message"),
    [
        ("website", "not an address", "Write the whole web address, with https:// at its beginning."),
        ("native_name", "x" * 301, "Shorten this to 300 characters: there are 301."),
        ("review_due_on", "31.02.2027", "There is no such date as “31.02.2027”"),
    ],
)
def test_a_cell_that_its_field_refuses_says_what_to_do(anna, header, said, message):
    OrganisationFactory(slug="named")
    [(column, told)] = problems(anna, "organisations", [header], ["named", said])
    assert column == header
    assert told.startswith(message)


def test_every_error_of_every_row_is_said_at_once(anna):
    OrganisationFactory(name="Twice", slug="twice-1")
    OrganisationFactory(name="Twice", slug="twice-2")
    rows = [
        ["id", "title", "stage", "started", "european_organisations", "source_count"],
        ["one", "One", "activ", "3/4/2017", "Twice", ""],
        ["two", "", "active", "2016", "Nobody", "5"],
        ["", "No id yet", "active", "", "", ""],
        ["one", "Again", "active", "", "", ""],
        ["bad id", "Bad", "active", "", "", ""],
    ]
    report = checked(anna, "partnerships", rows).report
    said = {found["row"]: dict(map(tuple, found["problems"])) for found in report}
    assert set(said) == {2, 3, 4, 5, 6}
    assert "Did you mean “active”?" in said[2]["stage"]
    assert "could be two days" in said[2]["started"]
    assert "twice-1 or twice-2" in said[2]["european_organisations"]
    assert "A new partnership needs this" in said[3]["title"]
    assert "There is no organisation called “Nobody”" in said[3]["european_organisations"]
    assert "worked out" in said[3]["source_count"]
    assert "“no-id-yet”" in said[4][""]
    assert "Row 2 has the same id" in said[5][""]
    assert "An id is made of letters" in said[6]["id"]


def test_what_the_record_may_not_be_is_said_with_what_could_not_be_read(anna):
    """Not only once the curator has put right the cells."""
    PartnershipFactory(slug="dated", publication_status="draft", started="2012")
    headers, row = ["european_organisations", "ended"], ["dated", "Nobody", "2010"]
    said = problems(anna, "partnerships", headers, row)
    assert [column for column, _said in said] == ["european_organisations", ""]
    assert said[1][1] == "The partnership ends before it starts."
    new = problems(anna, "partnerships", ["title", "european_organisations"], ["bad id", "New", "Nobody"])
    assert [column for column, _said in new] == ["european_organisations", "", "id"]
    assert "needs a column “stage”" in new[1][1]


def test_a_worked_out_cell_may_not_be_edited(client, anna):
    rows, _id = edited(client, "partnerships", 1, source_count="99", european_countries="Atlantis")
    [found] = checked(anna, "partnerships", rows).report
    assert [header for header, _said in found["problems"]] == ["european_countries", "source_count"]


def test_two_columns_of_one_field_agree(anna):
    record = OrganisationFactory(slug="here")
    record.countries.add(Country.objects.get(slug="DE"))
    headers = ["countries", "countries_codes"]
    assert problems(anna, "organisations", headers, ["here", "Germany; France", "DE"]) == []
    assert problems(anna, "organisations", headers, ["here", "Germany; France", "DE; FR"]) == []
    [(header, said)] = problems(anna, "organisations", headers, ["here", "Germany; France", "DE; IT"])
    assert (header, "say different things" in said) == ("countries_codes", True)


@pytest.mark.parametrize(
    ("shown", "cell", "said"),
    [
        ("2015-05", "2015-05-01", "may have made this day of “2015-05”"),
        ("2015-05", "May-15", "left out the year or half of it"),
        ("2015-05", "42125", "made a number of it"),
        ("2015-05", "01/05/2015", "could be two days"),
        ("2015-05", "31/05/2015", ""),
        ("2015-05", "1 May 2015", ""),
        ("2016", "1905-07-08", "may have made this day of “2016”"),
        ("2016/2018", "2016-2018", ""),
        ("2016", "2015 or so", "is not a date"),
    ],
)
def test_what_a_spreadsheet_does_to_dates(anna, shown, cell, said):
    PartnershipFactory(slug="dated", started=shown)
    found = problems(anna, "partnerships", ["started"], ["dated", cell])
    assert [header for header, _said in found] == ["started"] * bool(said)
    assert all(said in message for _header, message in found)


@pytest.mark.parametrize(
    ("separator", "cell", "after"),
    [
        (",", "1.235", "1.235"), (";", "1.235", None), (";", "1.5", "1.5"), (";", "1,5", "1.5"), (",", "1,235", None),
        (",", "1.5E+10", None), (",", "12 000", None), (",", "12000", "12000"), (";", "0,125", "0.125"),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_does_to_numbers(anna, separator, cell, after):
    indicator = IndicatorFactory(slug="gauge")
    indicator.observations.create(key="one", value="7", kind="actual")
    content = written([["id", "value"], ["gauge.one", cell]], delimiter=separator)
    [found] = checked(anna, "observations", content).report
    assert [after for _label, _before, after in found["differences"]] == ([] if after is None else [after])


@pytest.mark.parametrize(
    ("shown", "cell", "said"),
    [
        ("007", "7", "has changed “007” into “7”"),
        ("123456789012", "1.23457E+11", "Format the column as text"),
        ("兵庫県", "???", "Letters were lost"),
        ("Hyōgo", "Hyōgo".encode().decode("cp1252", "replace"), "Letters were lost"),
        ("+plus", "'+plus", ""),
        ("+plus", "+plus", ""),
        ("before", "=1+1", "begins like a formula"),
        ("before", "'=1+1", ""),
    ],
)
def test_what_a_spreadsheet_does_to_texts(anna, shown, cell, said):
    OrganisationFactory(slug="named", native_name=shown)
    found = problems(anna, "organisations", ["native_name"], ["named", cell])
    assert [header for header, _said in found] == ["native_name"] * bool(said)
    assert all(said in message for _header, message in found)


def test_leading_zeros_of_a_code_come_back(anna):
    wanted = checked(anna, "indicators", [["id", "name", "unit", "area_code"], ["fresh", "Fresh", "%", "1"]])
    assert wanted.faults == 0
    list(running.apply(wanted, at=AT, on=ON))
    assert Indicator.objects.get(slug="fresh").area.slug == "001"


def test_a_name_that_holds_the_separator_is_one_name(anna):
    one = OrganisationFactory(name="One; and all")
    wanted = checked(
        anna, "partnerships", [["id", "title", "stage", "european_organisations"], ["x", "X", "active", "One; and all"]]
    )
    list(running.apply(wanted, at=AT, on=ON))
    assert [row.organisation for row in Partnership.objects.get(slug="x").participants.all()] == [one]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    name=st.text(min_size=1, max_size=40).filter(lambda text: text.strip() and "\0" not in text),
    separator=st.sampled_from(",;\t"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    ending=st.sampled_from(["\r\n", "\n", "\r"]),
)
def test_any_text_comes_back_as_it_was_exported(anna, name, separator, encoding, ending):
    """Whatever a name is made of, its exported cell is understood as unchanged, in every dialect of CSV."""
    with aggregate.rehearsal():
        record = OrganisationFactory(name=name.encode("utf-8", "ignore").decode() or "x")
        column = with_twins(importable()["organisations"].columns)["name"]
        cell = writing(column)(column.read(record, None))
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=separator, lineterminator=ending).writerows([["id", "name"], [record.slug, cell]])
        wanted = checked(anna, "organisations", out.getvalue().encode(encoding))
        assert wanted.report == []
