"""Made-up registries: the same every time, true to every constraint, and never mixed with what curators wrote."""

import hashlib

import pytest
from django.core.management import CommandError, call_command

from eccp.records.models import Citation, Record
from eccp.reference.models import Organisation
from partnerships.models import Agreement, Participant, Partnership

SIZE = 60


def made() -> list[list]:
    """What a run has made, without the instants of its making."""
    return [
        list(Record.objects.order_by("record_kind", "slug").values_list("record_kind", "slug", "name", "summary")),
        list(Partnership.objects.order_by("slug").values_list("slug", "stage", "started", "sectors__slug")),
        list(Participant.objects.order_by("partnership__slug", "organisation__slug").values_list("side", flat=True)),
        list(Agreement.objects.order_by("slug").values_list("slug", "signed", "ends_on", "evidence__slug")),
        list(Citation.objects.order_by("key").values_list("key", "source__slug")),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_made_up_registry_is_the_same_every_time():
    runs = []
    for _run in range(2):
        call_command("flush", interactive=False, verbosity=0)
        call_command("synthesize", partnerships=SIZE, verbosity=0)
        runs.append(made())
    assert runs[0] == runs[1]
    # On either database: these were drawn from what each sorts in its own way.
    drawn = [
        sorted(Partnership.objects.values_list("slug", "sectors__slug")),
        sorted(Organisation.objects.values_list("slug", "regions__slug", "countries__slug")),
    ]
    assert hashlib.sha256(repr(drawn).encode()).hexdigest()[:16] == "844b568590dce35f"
    assert Partnership.objects.count() == SIZE
    assert Participant.objects.count() == SIZE * 5
    for partnership in Partnership.objects.prefetch_related("agreements")[:10]:
        partnership.full_clean()
        for agreement in partnership.agreements.all():
            agreement.full_clean()
            before = agreement.ends_on
            agreement.save()
            assert agreement.ends_on == before


def test_made_up_records_are_not_mixed_with_others(registry):
    before = Record.objects.count()
    with pytest.raises(CommandError, match="holds data already"):
        call_command("synthesize", partnerships=SIZE, verbosity=0)
    assert Record.objects.count() == before
