"""Guessing is slow, guessers are shut out in every process, and what is remembered of logins is forgotten in time."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.core.cache import cache
from django.test import RequestFactory
from django.utils import timezone

from eccp.guard import client as clients
from eccp.guard.models import Login
from tests.guard.conftest import enter

pytestmark = pytest.mark.django_db


def test_five_wrong_passwords_shut_out_a_name_from_an_address_and_from_there_alone(door, person):
    user = person("curator")
    for _try in range(4):
        assert enter(door, user, "wrong").status_code == 200
    assert enter(door, user, "wrong").status_code == 429
    cache.clear()  # what another process, with a cache of its own, would know
    response = enter(door, user)
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 900
    assert response["Cache-Control"] == "no-store"
    assert enter(door, user, REMOTE_ADDR="192.0.2.7").status_code == 302
    assert enter(door, person("curator", "other")).status_code == 302


def test_after_a_quarter_of_an_hour_the_right_password_opens(door, person):
    user = person("curator")
    for _try in range(5):
        enter(door, user, "wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert enter(door, user).status_code == 302


def test_one_address_cannot_try_one_password_on_many_names(door, person):
    for number in range(20):
        assert enter(door, person("curator", f"curator{number}"), "wrong").status_code == 200
    response = enter(door, person("curator"))
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0


def test_it_is_remembered_who_came_when_and_from_where_and_not_what_was_typed(door, person):
    user = person("curator")
    enter(door, user, "my secret", REMOTE_ADDR="192.0.2.1")
    enter(door, user, REMOTE_ADDR="192.0.2.1")
    door.post("/admin/login/", {"username": "correct horse battery", "password": ""})
    door.post("/admin/login/", {"username": "correct horse battery", "password": "x"})
    lines = list(Login.objects.order_by("pk").values_list("user", "outcome", "address"))
    assert lines == [
        (user.pk, "refused", "192.0.2.1"), (user.pk, "entered", "192.0.2.1"), (None, "refused", "127.0.0.1")
    ]  # fmt: skip
    assert abs(Login.objects.first().at - timezone.now()) < timedelta(minutes=1)


def test_what_is_older_than_the_setting_says_is_forgotten_at_the_next_login(door, person, settings):
    user = person("curator")
    settings.LOGIN_LOG_DAYS = 30
    Login.objects.create(at=timezone.now() - timedelta(days=31), user=user, outcome="entered")
    kept = Login.objects.create(at=timezone.now() - timedelta(days=29), user=user, outcome="entered")
    enter(door, user)
    assert Login.objects.last() == kept
    assert Login.objects.count() == 2


@pytest.mark.parametrize(("role", "sees"), [("administrator", True), ("publisher", False), ("curator", False)])
def test_only_administrators_read_it_and_nobody_changes_it(client, person, role, sees):
    user = person(role)
    client.force_login(user)
    line = Login.objects.get(user=user)
    assert (client.get("/admin/guard/login/").status_code == 200) is sees
    assert client.post(f"/admin/guard/login/{line.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/guard/login/add/").status_code == 403


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", None),
        (1, "nonsense", None),
        (1, "", None),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_a_client_cannot_choose_its_address(settings, proxies, forwarded, found):
    settings.PROXIES_IN_FRONT = proxies
    assert clients.address(RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})) == found


def test_a_household_of_ipv6_is_one_client():
    def key(address):
        return clients.key(RequestFactory().get("/", REMOTE_ADDR=address))

    assert key("2001:db8:0:1::1") == key("2001:db8:0:1:ffff::2") != key("2001:db8:0:2::1")
    assert key("192.0.2.1") != key("192.0.2.2")


def test_passwords_are_long_and_not_common(db):
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    for bad in ("short", "password1234", "123456789012345"):
        with pytest.raises(ValidationError):
            validate_password(bad)
    validate_password("a long sentence nobody guesses")
