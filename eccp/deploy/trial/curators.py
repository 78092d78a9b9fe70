"""Curators of the trial: signed in, they read a page of one web server and press a button of it."""

import json
import threading
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

from eccp.deploy.trial.machines import NAME, Site
from eccp.deploy.trial.readers import Answer

SIGN_IN = """
import json
from django.contrib.auth.models import Group, User
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice
user = User.objects.create_user({role!r}, password=None, is_staff=True)
user.groups.add(Group.objects.get(name={role!r}))
client = Client()
client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
session = client.session
session[DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.create(user=user, name="app").persistent_id
session.save()
print(json.dumps(session.session_key))
"""


class _Filled(HTMLParser):
    """What the forms of a page would send if nothing were typed into them."""

    def __init__(self, page: str):
        super().__init__()
        self.values: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        is_chosen = given.get("type") not in ("radio", "checkbox", "submit") or "checked" in given
        if tag == "input" and "name" in given and is_chosen:
            self.values[given["name"]] = given.get("value", "")


class Curator:
    """Somebody of the staff with a session on the web server ``web``."""

    def __init__(self, made: Site, role: str, web: int):
        self.made, self.web = made, web
        secret = "c" * 32
        key = json.loads(made.python(SIGN_IN.format(role=role)).splitlines()[-1])
        self.headers = {
            "Host": NAME, "X-Forwarded-Proto": "https", "Referer": f"https://{NAME}/admin/",
            "Cookie": f"__Host-session={key}; __Host-csrf={secret}", "X-CSRFToken": secret,
            "Content-Type": "application/x-www-form-urlencoded",
        }  # fmt: skip

    def ask(self, method: str, path: str, body: str | None = None) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.made.web_ports[self.web], timeout=120)
        try:
            connection.request(method, path, body, self.headers)
            return Answer(connection.getresponse(), 0)
        finally:
            connection.close()

    def press(self, page: str, path: str = "", **typed: str) -> Answer:
        """Send what ``page`` shows, with what is typed, to itself or to the address of one of its buttons."""
        shown = _Filled(self.ask("GET", page).text).values
        return self.ask("POST", path or page, urlencode(shown | typed))


class Pressed:
    """A button that was pressed; its answer comes meanwhile, or the connection breaks off."""

    def __init__(self, curator: Curator, *arguments, **typed: str):
        self.answer: Answer | None = None
        self.broken: Exception | None = None
        self._thread = threading.Thread(target=self._press, args=(curator, arguments, typed))
        self._thread.start()

    def _press(self, curator: Curator, arguments, typed) -> None:
        try:
            self.answer = curator.press(*arguments, **typed)
        except (OSError, HTTPException) as problem:
            self.broken = problem

    @property
    def is_over(self) -> bool:
        return not self._thread.is_alive()

    @property
    def said(self) -> str:
        """What came back, for who looks for a fault."""
        return repr(self.broken) if self.answer is None else f"{self.answer.status} {self.answer.text[-2000:]}"

    def wait(self) -> None:
        self._thread.join()
