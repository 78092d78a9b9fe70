"""The second factor: who must have one can do nothing else before; who need not is asked for it once it is there."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.urls import get_resolver
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from eccp.guard.models import Login
from tests.guard.conftest import PASSWORD, code, enter, let_time_pass

FACTOR = "/admin/second-factor/"
BEHIND = ["/admin/", "/admin/partnerships/partnership/", "/admin/password_change/", "/admin/auth/user/", "/admin/x/y/"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]


def enrol(client, user):
    enter(client, user)
    client.get(FACTOR)
    return client.post(FACTOR, {"code": code(user)}, follow=True)


@pytest.mark.parametrize("role", ["publisher", "administrator", "superuser"])
def test_who_must_have_one_can_do_nothing_but_set_it_up(door, person, role):
    user = person(role)
    assert enter(door, user).status_code == 302
    for address in BEHIND:
        response = door.get(address)
        assert (response.status_code, response["Location"].partition("?")[0]) == (302, FACTOR), address
    before = User.objects.get(pk=user.pk).password
    response = door.post(
        "/admin/password_change/",
        {
            "old_password": PASSWORD,
            "new_password1": "another horse entirely",
            "new_password2": "another horse entirely",
        },
    )
    assert response["Location"].startswith(FACTOR)
    assert User.objects.get(pk=user.pk).password == before
    door.post("/admin/second-factor/remove/")
    door.post("/admin/second-factor/codes/")
    assert not StaticToken.objects.exists()
    page = door.get(FACTOR)
    assert b'<svg class="qr"' in page.content
    assert b"style=" not in page.content.partition(b'id="content"')[2]
    response = door.post(FACTOR, {"code": code(user)}, follow=True)
    shown = [each.token for each in StaticToken.objects.filter(device__user=user)]
    assert len(shown) == 10
    assert all(each in response.content.decode() for each in shown)
    assert door.get("/admin/").status_code == 200


def test_a_curator_may_have_one_and_is_asked_for_it_from_then_on(door, person):
    user = person("curator")
    enter(door, user)
    assert door.get("/admin/").status_code == 200
    enrol(door, user)
    assert door.get("/admin/").status_code == 200
    door.post("/admin/logout/")
    enter(door, user)
    assert door.get("/admin/")["Location"] == f"{FACTOR}?next=/admin/"


def test_a_wrong_code_opens_nothing_a_right_one_counts_once_and_leads_on(door, person):
    user = person("publisher")
    enrol(door, user)
    door.post("/admin/logout/")
    enter(door, user)
    used = code(user)
    response = door.post(FACTOR, {"code": used})
    assert "not the right one" in response.content.decode()
    assert door.get("/admin/").status_code == 302
    let_time_pass(user)
    key = door.session.session_key
    response = door.post(FACTOR, {"code": f"{used[:3]} {used[3:]}", "next": "/admin/partnerships/partnership/?q=x"})
    assert response["Location"] == "/admin/partnerships/partnership/?q=x"
    assert door.session.session_key != key


def test_after_wrong_codes_even_the_right_one_is_not_looked_at_for_a_while(door, person):
    user = person("publisher")
    enrol(door, user)
    door.post("/admin/logout/")
    enter(door, user)
    # A day ahead, so that the wait is not over however long the test takes.
    wrong = {"throttling_failure_timestamp": timezone.now() + timedelta(days=1), "throttling_failure_count": 7}
    TOTPDevice.objects.filter(user=user).update(last_t=0, **wrong)
    response = door.post(FACTOR, {"code": code(user)})
    assert "Wait 64 seconds" in response.content.decode()
    assert door.get("/admin/").status_code == 302


def test_two_windows_that_set_one_up_at_once_leave_a_door(door, person):
    user = person("publisher")
    for _window in range(2):
        TOTPDevice.objects.create(user=user, confirmed=False, name="app")
        StaticDevice.objects.create(user=user, name="recovery codes")
    enter(door, user)
    assert b'<svg class="qr"' in door.get(FACTOR).content
    TOTPDevice.objects.filter(user=user).last().delete()
    door.post(FACTOR, {"code": code(user)})
    assert door.get("/admin/").status_code == 200
    assert StaticToken.objects.filter(device__user=user).count() == 10


def test_new_recovery_codes_take_the_place_of_all_earlier_ones(door, person):
    user = person("publisher")
    enrol(door, user)
    before = set(StaticToken.objects.values_list("token", flat=True))
    door.post(f"{FACTOR}codes/")
    after = set(StaticToken.objects.filter(device__user=user).values_list("token", flat=True))
    assert len(after) == 10
    assert before.isdisjoint(after)


def test_a_recovery_code_opens_once(door, person):
    user = person("publisher")
    enrol(door, user)
    token = StaticToken.objects.first().token
    for opens in (True, False):
        door.post("/admin/logout/")
        enter(door, user)
        door.post(FACTOR, {"code": token.upper()})
        assert (door.get("/admin/").status_code == 200) is opens
    outcomes = list(Login.objects.filter(user=user).order_by("pk").values_list("outcome", flat=True))
    assert outcomes == ["entered", "enrolled", "left", "entered", "recovered", "left", "entered", "code_refused"]


def test_recovery_codes_are_shown_once(door, person):
    user = person("publisher")
    enrol(door, user)
    page = door.get(FACTOR).content.decode()
    assert "10 recovery codes are left" in page
    assert not any(each.token in page for each in StaticToken.objects.all())


def test_the_password_alone_cannot_set_up_a_second_app(door, person):
    user = person("publisher")
    enrol(door, user)
    door.post("/admin/logout/")
    enter(door, user)
    assert b"qr" not in door.get(FACTOR).content
    assert TOTPDevice.objects.filter(user=user).count() == 1


def test_a_session_counts_no_longer_once_its_factor_is_removed(door, person):
    user = person("publisher")
    enrol(door, user)
    call_command("remove_second_factor", user.username, verbosity=0)
    assert door.get("/admin/")["Location"].startswith(FACTOR)
    with pytest.raises(CommandError):
        call_command("remove_second_factor", "nobody")


def test_nobody_is_led_to_another_site(door, person):
    user = person("publisher")
    enrol(door, user)
    for wanted in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        door.post("/admin/logout/")
        enter(door, user)
        let_time_pass(user)
        assert door.post(FACTOR, {"code": code(user), "next": wanted})["Location"] == "/admin/"


def test_every_address_of_the_curators_side_is_behind_the_door(door, person):
    enter(door, person("superuser"))
    routes = [pattern for pattern in get_resolver().url_patterns if str(pattern.pattern).startswith("admin/")]
    # The language of the curators' side is a cookie: to choose it shows and changes nothing else.
    behind = [pattern for pattern in routes if getattr(pattern, "name", "") != "admin-language"]
    assert {getattr(pattern, "namespace", None) for pattern in behind} == {"guard", "admin"}
    assert door.get("/admin/login/?next=/admin/").status_code == 302
    assert door.get("/admin/jsi18n/").status_code == 200


def test_an_administrator_makes_nobody_superuser_and_helps_who_lost_the_app(client, person):
    user, boss, colleague = person("administrator"), person("superuser", "boss"), person("publisher")
    client.force_login(user)
    assert client.get(f"/admin/auth/user/{boss.pk}/change/").status_code == 302
    page = client.get(f"/admin/auth/user/{colleague.pk}/change/")
    assert b'name="is_superuser"' not in page.content
    assert b'name="groups"' in page.content
    TOTPDevice.objects.create(user=colleague, name="lost")
    client.post("/admin/auth/user/", {"action": "remove_second_factor", "_selected_action": [colleague.pk]})
    assert not TOTPDevice.objects.filter(user=colleague).exists()
