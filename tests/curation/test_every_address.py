"""Every address of the admin, asked by every role: a table says what each may see, and an address it forgets fails.

The table is by what an address does. It is held against the site's own URL configuration, so that a new page has no
place until somebody has said here who it is for.
"""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from eccp.curation.models import Distinction, Import, Merger
from eccp.curation.revisions import catch_up, put
from eccp.desk.models import ErrorReport, LinkCheck
from eccp.guard.models import Login
from eccp.records import aggregate
from eccp.records.models import Record, record_models
from tests.factories import FACTORIES

# What answers: the page, the login page, a refusal, nothing there, another address, or that it is not to be asked so.
SEEN, DOOR, REFUSED, NOTHING, ONWARDS, NOT_SO = 200, "login", 403, 404, 302, 405
ROLES = ("reader", "stranger", "curator", "publisher", "administrator")


def row(reader, stranger, curator, publisher, administrator):
    return dict(zip(ROLES, (reader, stranger, curator, publisher, administrator), strict=True))


EVERYBODY_INSIDE = row(DOOR, SEEN, SEEN, SEEN, SEEN)
EVERY_ROLE = row(DOOR, REFUSED, SEEN, SEEN, SEEN)
CURATORS = row(DOOR, REFUSED, SEEN, SEEN, REFUSED)
ADMINISTRATORS = row(DOOR, REFUSED, REFUSED, REFUSED, SEEN)
NOBODY = row(DOOR, REFUSED, REFUSED, REFUSED, REFUSED)
WHOEVER_SEES_ONE = row(DOOR, NOTHING, SEEN, SEEN, SEEN)

#: Pages of the site itself, by the name of their address.
PAGES = {
    "index": EVERYBODY_INSIDE,
    "login": row(SEEN, ONWARDS, ONWARDS, ONWARDS, ONWARDS),
    "logout": row(ONWARDS, NOT_SO, NOT_SO, NOT_SO, NOT_SO),
    "password_change": EVERYBODY_INSIDE,
    "password_change_done": EVERYBODY_INSIDE,
    "jsi18n": EVERYBODY_INSIDE,
    "understood": EVERYBODY_INSIDE,
    "autocomplete": EVERY_ROLE,
    "view_on_site": row(DOOR, ONWARDS, ONWARDS, ONWARDS, ONWARDS),
    "desk-coverage": EVERY_ROLE,
    "desk-list": EVERY_ROLE,
}
#: The front page of an app, by who sees anything on it.
APPS = dict.fromkeys(
    ("records", "curation", "reference", "programmes", "markets", "partnerships", "desk"), WHOEVER_SEES_ONE
) | {
    "auth": row(DOOR, NOTHING, NOTHING, NOTHING, SEEN),
    "guard": row(DOOR, NOTHING, NOTHING, NOTHING, SEEN),
}  # fmt: skip
#: Pages of a kind of record, of which a draft stands in the registry.
RECORD_PAGES = {
    "changelist": EVERY_ROLE, "change": EVERY_ROLE, "history": EVERY_ROLE, "merge": EVERY_ROLE,
    "add": CURATORS, "act": CURATORS, "revert": CURATORS,
    "delete": row(DOOR, REFUSED, REFUSED, SEEN, REFUSED),  # this curator did not write it
    "distinguish": row(DOOR, REFUSED, NOTHING, NOTHING, REFUSED),  # of which other record nothing is said here
}  # fmt: skip
#: Of the list of all records, which adds none and whose forms are those of their kinds.
ANY_RECORD_PAGES = RECORD_PAGES | {"add": NOBODY} | dict.fromkeys(("change", "history"), row(DOOR, *[ONWARDS] * 4))
#: Pages of what is no record.
OTHER_PAGES = {
    "desk_errorreport": {
        "changelist": CURATORS, "change": CURATORS, "history": CURATORS, "add": NOBODY, "delete": NOBODY,
    },
    "desk_linkcheck": {
        "changelist": EVERY_ROLE, "change": EVERY_ROLE, "history": EVERY_ROLE, "add": NOBODY, "delete": NOBODY,
    },
    "curation_import": {
        "changelist": CURATORS, "change": CURATORS, "history": CURATORS, "add": CURATORS, "delete": NOBODY,
        # Acts are sent, not opened, and only by whoever gave the file; without faults there is no file of them.
        "check": NOBODY, "apply": NOBODY, "discard": NOBODY,
        "faults": row(DOOR, REFUSED, NOTHING, NOTHING, REFUSED),
    },
    "curation_proposal": {
        "changelist": EVERY_ROLE, "change": EVERY_ROLE, "history": EVERY_ROLE, "add": NOBODY, "delete": NOBODY,
        "decide": row(DOOR, *[NOTHING] * 4),  # sent, not opened
    },
    "curation_merger": {
        "changelist": EVERY_ROLE, "change": EVERY_ROLE, "history": EVERY_ROLE, "add": NOBODY, "delete": NOBODY,
        "undo": row(DOOR, REFUSED, REFUSED, SEEN, REFUSED),
    },
    "curation_distinction": {
        "changelist": EVERY_ROLE, "change": EVERY_ROLE, "history": EVERY_ROLE, "add": NOBODY, "delete": NOBODY,
        "undo": row(DOOR, REFUSED, SEEN, SEEN, REFUSED),
    },
    "auth_user": {
        "changelist": ADMINISTRATORS, "change": ADMINISTRATORS, "history": ADMINISTRATORS, "add": ADMINISTRATORS,
        "password_change": ADMINISTRATORS, "delete": NOBODY,
    },
    "guard_login": {
        "changelist": ADMINISTRATORS, "change": ADMINISTRATORS, "history": ADMINISTRATORS,
        "add": NOBODY, "delete": NOBODY,
    },
    "auth_group": {
        "changelist": ADMINISTRATORS, "change": ADMINISTRATORS, "history": ADMINISTRATORS,
        "add": NOBODY, "delete": NOBODY,
    },
}  # fmt: skip
#: What an address says besides the thing it is about.
MORE = {"act": ["submit"], "decide": ["submit"], "revert": [1]}


def names(resolver: URLResolver | None = None) -> Iterator[str | None]:
    """The name of every address of the admin; those that only lead elsewhere have none."""
    if resolver is None:
        resolver = next(found for found in get_resolver().url_patterns if getattr(found, "namespace", "") == "admin")
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield entry.name
        else:
            yield from names(entry)


@pytest.fixture
def things(registry):
    """One thing behind each address: a draft of every kind of record, and what else the admin shows."""
    made = {kind: FACTORIES[kind](publication_status="draft") for kind in record_models()}
    for record in made.values():
        catch_up(record)
    found = {}
    for model in admin.site._registry:
        if model is Record or issubclass(model, Record):
            kind = "organisation" if model is Record else model._meta.concrete_model._meta.model_name
            found[f"{model._meta.app_label}_{model._meta.model_name}"] = made[kind].pk
    account = User.objects.create_user("somebody")
    public = FACTORIES["organisation"]()
    changed = aggregate.dump(public) | {"name": "Another name"}
    said = {"by": account, "at": timezone.now(), "reason": "The list of members says so since June."}
    given = {"listing": "organisations", "file_name": "a.csv", "content": b"id\n", "by": account}
    return found | {
        "desk_errorreport": ErrorReport.objects.create(received_at=timezone.now(), message="Something is wrong.").pk,
        "desk_linkcheck": LinkCheck.objects.create(
            url="http://a.example/", outcome="found", checked_on=timezone.localdate()
        ).pk,
        "curation_import": Import.objects.create(uploaded_at=timezone.now(), **given).pk,
        "curation_proposal": put(type(public), changed, **said).proposal.pk,
        "curation_merger": Merger.objects.create(
            winner=public.record,
            loser=FACTORIES["organisation"]().record,
            at=timezone.now(),
            reason=said["reason"],
            changes=[],
            touched=[],
        ).pk,
        "curation_distinction": Distinction.objects.create(
            one=public.record,
            other=FACTORIES["organisation"]().record,
            at=timezone.now(),
            reason=said["reason"],
            names=[],
        ).pk,
        "auth_user": account.pk,
        "guard_login": Login.objects.create(at=timezone.now(), outcome="refused").pk,
        "auth_group": Group.objects.get(name="curator").pk,
        "record": Record.objects.get(record_kind="partnership", slug="life-science-nord-kobe").pk,
    }


def addresses(things) -> Iterator[tuple[str, str, dict]]:
    """Every address with what the table says of it."""
    for name in dict.fromkeys(filter(None, names())):
        if name == "app_list":
            yield from ((f"{name}:{app}", reverse("admin:app_list", args=[app]), APPS[app]) for app in APPS)
        elif name in PAGES:
            yield name, _page(name, things), PAGES[name]
        else:
            thing = max((one for one in things if name.startswith(f"{one}_")), key=len, default="")
            act = name.removeprefix(f"{thing}_")
            table = OTHER_PAGES.get(thing) or (ANY_RECORD_PAGES if thing == "records_record" else RECORD_PAGES)
            assert thing and act in table, f"{name}: nobody has said who may see this address"  # noqa: PT018 - one rule
            args = [] if act in ("changelist", "add") else [things[thing], *MORE.get(act, ())]
            yield name, reverse(f"admin:{name}", args=args), table[act]


def _page(name: str, things) -> str:
    """The address of a page of the site itself, with something to show."""
    if name == "view_on_site":
        return reverse("admin:view_on_site", args=[ContentType.objects.get_for_model(Record).pk, things["record"]])
    if name == "desk-list":
        return reverse("admin:desk-list", args=["review-due"])
    if name == "autocomplete":
        asked = "app_label=partnerships&model_name=participant&field_name=organisation"
        return f"{reverse('admin:autocomplete')}?{asked}"
    return reverse(f"admin:{name}")


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_of_every_address_what_the_table_says(client, team, things, role):
    if role == "stranger":
        client.force_login(User.objects.create_user("stranger", is_staff=True))
    elif role != "reader":
        client.force_login(team(role))
    wrong, asked = [], 0
    for name, address, table in addresses(things):
        response = client.get(address)
        leads_to_login = response.status_code == 302 and response["Location"].startswith(reverse("admin:login"))
        found = DOOR if leads_to_login else response.status_code
        asked += 1
        if found != table[role]:
            wrong.append(f"{name}: {found} instead of {table[role]}")
    assert not wrong, "\n".join(wrong)
    assert asked > 100


def test_every_app_of_the_admin_is_in_the_table():
    assert {model._meta.app_label for model in admin.site._registry} == set(APPS)
