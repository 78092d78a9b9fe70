"""What is given to the operator fits the project: its variables, its commands, its files."""

import re

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

DEPLOY = settings.BASE_DIR / "eccp" / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def test_the_containers_set_only_variables_that_the_registry_reads():
    known = set(re.findall(r"([A-Z_]+)=", (settings.BASE_DIR / ".env.example").read_text("utf-8")))
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    assert set(services) == {"migrate", "web1", "web2", "postgres", "redis", "proxy"}
    assert set(services["web1"]["environment"]) <= known


def test_the_image_holds_all_that_runs_and_nothing_else_of_a_checkout():
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Containerfile").read_text("utf-8"), re.MULTILINE)
    apps = {name.partition(".")[0] for name in settings.INSTALLED_APPS}
    ours = {name for name in apps if (settings.BASE_DIR / name).is_dir()}
    assert set(copied) == {"requirements.lock", "manage.py", "fixtures", "templates"} | ours


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_every_unit_runs_a_command_that_there_is_and_not_as_root(unit):
    text = unit.read_text("utf-8")
    commands = re.findall(r"manage\.py (\w+)", text)
    assert commands
    assert set(commands) <= set(get_commands())
    assert "User=registry" in text
    assert "NoNewPrivileges=yes" in text


def test_every_timer_has_its_service():
    timers = {path.stem for path in (DEPLOY / "systemd").glob("*.timer")}
    assert timers
    assert timers <= {path.stem for path in UNITS}


def test_what_has_to_run_every_day_has_a_timer_that_the_operations_page_names():
    page = (DEPLOY / "README.md").read_text("utf-8")
    for name, command in {
        "backup": "backup", "verify": "verify", "privacy": "personal_data --erase-due", "links": "check_links",
        "index": "rebuild_index",
    }.items():  # fmt: skip
        unit = DEPLOY / "systemd" / f"registry-{name}.service"
        assert f"manage.py {command}" in unit.read_text("utf-8")
        assert "OnCalendar=*-*-*" in unit.with_suffix(".timer").read_text("utf-8")
        assert f"registry-{name}.timer" in page


def test_how_long_an_answer_is_kept_is_for_the_registry_to_say_and_not_for_the_proxy():
    text = re.sub(r"#.*", "", (DEPLOY / "nginx.conf").read_text("utf-8"))
    assert "proxy_cache_valid" not in text
    assert "updating" not in text
    assert "Set-Cookie" not in text


def test_the_operations_page_names_files_and_commands_that_there_are():
    page = (DEPLOY / "README.md").read_text("utf-8")
    for name in re.findall(r"`((?:eccp|tests)/[\w./]+)`", page):
        assert (settings.BASE_DIR / name).exists(), name
    assert set(re.findall(r"manage\.py (\w+)", page)) <= set(get_commands())
    targets = re.findall(r"^([\w-]+):", (settings.BASE_DIR / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert set(re.findall(r"`make ([\w-]+)", page)) <= set(targets)
