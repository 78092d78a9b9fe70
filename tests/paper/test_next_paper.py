"""The next paper fits without a line of code: a tiny one about another partner country."""

import shutil

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from eccp.records.models import Record
from tests.listing.reading import csv_rows

FILES = {
    "01_sources.yaml": """
model: records.source
defaults: {publication_status: published, verified_on: 2020-03-02}
records:
  - {slug: paper-on-korea-2020, name: Discussion paper on Korea, dated: 2020-03, publisher: Somebody}
  - {slug: korean-newsletter, name: A newsletter, cited_through: paper-on-korea-2020, footnote: "1"}
""",
    "02_organisations.yaml": """
model: reference.organisation
defaults: {publication_status: published, verified_on: 2020-03-02}
citation_defaults: {source: paper-on-korea-2020, section: "1"}
records:
  - slug: daegu-techno-park
    name: Daegu Technopark
    native_name: 대구테크노파크
    kind: cluster
    countries: [KR]
    citations:
      - {field: name, line_first: 7, line_last: 7, stated_value: Daegu Technopark}
  - slug: techtera
    extends: true
    aliases: [{name: Techtera Lyon, kind: alias}]
    figures: [{key: members-2020, what: members, unit: members, value: "150", period: "2020"}]
    citations:
      - {field: figures.members-2020, line_first: 8, line_last: 8, stated_value: 150 members}
""",
    "03_partnerships.yaml": """
model: partnerships.partnership
defaults: {publication_status: published, verified_on: 2020-03-02}
citation_defaults: {source: paper-on-korea-2020, section: "1"}
records:
  - slug: techtera-daegu
    name: Techtera – Daegu Technopark
    stage: active
    started: "2019-06"
    sectors: [textiles]
    participants:
      - {organisation: techtera, side: european, role: lead}
      - {organisation: daegu-techno-park, side: partner}
    citations:
      - {field: started, line_first: 9, line_last: 9, stated_value: June 2019}
""",
}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]


@pytest.fixture
def root(tmp_path):
    shutil.copytree(settings.BASE_DIR / "fixtures", tmp_path, dirs_exist_ok=True)
    folder = tmp_path / "korea-2020"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_paper_on_another_country_loads_and_is_found(root, client, capsys):
    call_command("load_fixtures", root=root)
    assert "5 new or changed" in capsys.readouterr().out
    (row,) = csv_rows(client, "/partnerships.csv?partner_country=KR")
    assert (row["id"], row["started"], row["partner_countries"]) == ("techtera-daegu", "2019-06", "South Korea")
    assert client.get("/partnerships.json?q=대구").json()["count"] == 1
    assert client.get("/partnerships/techtera-daegu/").status_code == 200
    assert client.get("/organisations.json?q=Techtera+Lyon").json()["count"] == 1
    about = client.get("/about/").content.decode()
    assert "Discussion paper on Korea" in about
    assert "Discussion paper on Japan" in about
    assert "newsletter" not in about
    # How old the data is follows from it, everywhere alike.
    for address in (
        "/about/",
        "/partnerships/",
        "/observations/",
        "/countries/KR/",
        "/regions/JP-28/",
        "/sectors/health/",
    ):
        page = client.get(address).content.decode()
        assert "checked between 2017 and 2020" in page
        assert "2016" not in page.partition('note is-age">')[2].partition("</p>")[0]
    # What the first paper says of the same organisation is still there.
    assert csv_rows(client, "/citations.csv?record=techtera&source=eccp-japan-2018")
    call_command("load_fixtures", root=root)
    assert " 0 new or changed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("extends: true", "extends: false", "stands in an earlier file already"),
        ("slug: techtera\n", "slug: techtera-lyon\n", "extends a record that no earlier file has"),
        ("countries: [KR]", "countries: [XX]", "there is no country “XX”"),
        ("value: \"150\"", "value: many", "figures"),
        ("kind: cluster", "kind: klub", "kind: "),
    ],
)  # fmt: skip
def test_a_mistake_in_a_paper_is_named_and_nothing_is_loaded(root, wrong, right, said):
    path = root / "korea-2020" / "02_organisations.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(wrong, right), encoding="utf-8")
    with pytest.raises(CommandError, match=said):
        call_command("load_fixtures", root=root, verbosity=0)
    assert not Record.objects.filter(slug="paper-on-korea-2020").exists()


def test_a_registry_that_holds_data_is_left_alone_when_asked(root, capsys):
    call_command("load_fixtures", root=root, if_empty=True)
    assert "nothing was loaded" in capsys.readouterr().out
    assert not Record.objects.filter(slug="paper-on-korea-2020").exists()
