"""The HTML of every kind of page is valid: ``make html``, where Java and npm are there to run the W3C's checker.

The name keeps it out of the suite, which needs neither.
"""

import os
import subprocess

import pytest

from tests.portal.test_readers_browser import PAGES

CHECKER = os.environ.get("HTML_CHECKER", "var/vnu/node_modules/vnu-jar/build/dist/vnu.jar")
MORE = ["/search/?q=japan", "/data-dictionary/", "/api/", "/partnerships/crosstab/?rows=stage&columns=sector"]


@pytest.mark.django_db
def test_the_html_of_every_kind_of_page_is_valid(registry, client, tmp_path):
    names = {}
    for number, address in enumerate([*PAGES, *MORE]):
        path = tmp_path / f"{number:02}.html"
        path.write_bytes(client.get(address).content)
        names[str(path)] = address
    command = ["java", "-jar", CHECKER, "--errors-only", "--format", "gnu", *names]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    for path, address in names.items():
        said = said.replace(f"file:{path}", address)
    assert not said, said
