"""Metrics: for who knows the token, of every view, from all processes."""

import os
import subprocess
import sys

import pytest
from prometheus_client.parser import text_string_to_metric_families

from eccp.desk.items import ITEMS
from tests.listing.reading import body

TOKEN = "a-token-for-the-tests-of-metrics"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]


@pytest.fixture
def read(client, settings):
    settings.METRICS_TOKEN = TOKEN

    def read():
        response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert response.status_code == 200
        assert response["Cache-Control"] == "no-store"
        families = text_string_to_metric_families(response.content.decode())
        return {
            (sample.name, *sorted(sample.labels.items())): sample.value for each in families for sample in each.samples
        }

    return read


@pytest.mark.parametrize("stated", ["", "Bearer ", "Bearer wrong", TOKEN, "Bearer é"])
def test_who_does_not_know_the_token_finds_nothing(client, settings, stated):
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics", headers={"Authorization": stated}).status_code == 404


def test_without_a_token_there_are_none(client):
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_every_answer_is_counted_under_its_view(client, read):
    key = ("eccp_requests_total", ("method", "GET"), ("status", "200"), ("view", "partnerships:list"))
    before = read().get(key, 0)
    client.get("/partnerships/?country=DE")
    client.get("/partnerships/?country=FR")
    after = read()
    assert after[key] == before + 2
    assert after["eccp_request_seconds_count", ("view", "partnerships:list")] >= 2
    assert after["eccp_request_statements_sum", ("view", "partnerships:list")] >= 1
    client.get("/no/such/page/")
    assert read()["eccp_requests_total", ("method", "GET"), ("status", "404"), ("view", "none")] >= 1


def test_it_says_how_old_the_data_is_what_waits_and_what_runs(client, read):
    found = read()
    assert found["eccp_data_version",] > 0
    assert found["eccp_data_age_seconds",] >= 0
    assert {dict(key[1:])["item"] for key in found if key[0] == "eccp_desk_waiting"} == set(ITEMS)
    begun = found["eccp_files_running",]
    response = client.get("/partnerships.csv")
    assert read()["eccp_index_version", ("list", "partnerships")] == found["eccp_data_version",]
    assert read()["eccp_files_running",] == begun + 1
    body(response)
    assert read()["eccp_files_running",] == begun


def test_several_processes_are_added_up(tmp_path):
    say = (
        "from eccp.operations import metrics; import sys; metrics.REQUESTS.labels('v', 'GET', '200').inc(2);"
        "r = metrics.CollectorRegistry(); metrics.MultiProcessCollector(r);"
        "sys.stdout.write(metrics.written(r).decode())"
    )
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "eccp.settings"}
    for expected in ("2.0", "4.0"):
        said = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup(); {say}"],
            env=environment, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        assert f'eccp_requests_total{{method="GET",status="200",view="v"}} {expected}' in said
