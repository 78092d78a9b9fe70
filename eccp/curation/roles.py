"""Who may do what: three groups, made and kept up to date by ``migrate``; nobody needs to be superuser."""

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.db.models.signals import post_migrate

from eccp.records.models import record_models
from eccp.records.references import owners

CURATOR, PUBLISHER, ADMINISTRATOR = "curator", "publisher", "administrator"

#: The right that makes a publisher: to decide what the public sees.
PUBLISH = "curation.publish"


def permissions_by_role() -> dict[str, set[str]]:
    """What each role may do, as ``app.codename``."""
    records = _rights(_edited(), "add", "change", "delete", "view") | _rights(_noted(), "add", "change", "view")
    history = {f"curation.view_{kept}" for kept in ("proposal", "revision", "merger", "distinction")}
    # What machines note about addresses names no record, so it is not among ``_noted``.
    records |= {"desk.view_linkcheck"}
    # What readers wrote, and their e-mail, is for those who answer it.
    looking = {right for right in records if ".view_" in right} - _rights(_noted(), "view") | history
    imports = {f"curation.{act}_import" for act in ("add", "change", "view")}
    marks = {"curation.add_distinction"}
    accounts = {f"auth.{act}_user" for act in ("add", "change", "view")} | {"auth.view_group", "guard.view_login"}
    return {
        CURATOR: records | history | imports | marks,
        PUBLISHER: records | history | imports | marks | {PUBLISH},
        ADMINISTRATOR: looking | accounts,
    }


def _edited() -> list:
    """Every model that a curator edits: the kinds of record, their proxies, and the rows that belong to them."""
    kinds = set(record_models().values())
    proxies = {model for model in apps.get_models() if model._meta.proxy and model._meta.concrete_model in kinds}
    rows = {owner.model for model in kinds for owner in owners(model).values()}
    return [apps.get_model("records", "Record"), *kinds, *proxies, *rows]


def _noted() -> list:
    """Every model that keeps what people note about records: readers' reports, results of checks."""
    edited = set(_edited())
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label != "curation" and model not in edited
        if any(field.is_relation and field.related_model in edited for field in model._meta.concrete_fields)
    ]


def _rights(models, *acts: str) -> set[str]:
    return {f"{model._meta.app_label}.{act}_{model._meta.model_name}" for model in models for act in acts}


def make_roles(using: str = "default", **kwargs) -> None:
    """Make the groups and give them exactly their permissions, which a fresh database may not have yet."""
    from django.contrib.auth.models import Group, Permission

    for config in apps.get_app_configs():
        create_permissions(config, verbosity=0, using=using)
    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.using(using).values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    for name, wanted in permissions_by_role().items():
        group, _made = Group.objects.using(using).get_or_create(name=name)
        group.permissions.set([known[right] for right in wanted])


def watch(config) -> None:
    """Make the roles after every ``migrate``."""
    post_migrate.connect(make_roles, sender=config, dispatch_uid="eccp.curation.roles")
