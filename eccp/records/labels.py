"""What a citation supports, in words: the fields of all records and their parts, named for readers."""

from collections.abc import Callable

from django.db import models
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from eccp.records.references import kinds_calling

#: Fields and parts by the name under which citations call them.
FACTS = {
    "acronym": _("Acronym"),
    "administrator": _("Run by"),
    "aliases": _("Other name"),
    "area": _("Area"),
    "assessments": _("Assessment"),
    "bodies": _("Body"),
    "cited_through": _("Cited through"),
    "consortium": _("Consortium"),
    "consulted_on": _("Consulted on"),
    "countries": _("Countries"),
    "dated": _("Dated"),
    "direction": _("Direction"),
    "document_url": _("Web address"),
    "duration_months": _("Duration"),
    "edition": _("Edition"),
    "effective": _("In effect from"),
    "ended": _("Ended"),
    "figures": _("Figure"),
    "home_country": _("Home country"),
    "is_negotiated": _("Under negotiation"),
    "jurisdiction": _("Whose programme it is"),
    "kind": _("Kind"),
    "level": _("Level"),
    "memberships": _("Membership"),
    "name": _("Name"),
    "native_name": _("Native name"),
    "negotiated_from": _("Negotiated from"),
    "observations": _("Observation"),
    "organisation": _("Organisation"),
    "organisations": _("Organisations"),
    "parent": _("Part of"),
    "part_of": _("Part of"),
    "participants": _("Participant"),
    "parties": _("Party"),
    "partnership": _("Partnership"),
    "period": _("Period"),
    "place": _("Place"),
    "predecessor": _("Predecessor"),
    "programme": _("Programme"),
    "publisher": _("Publisher"),
    "quiet_since": _("Nothing new since"),
    "recurrence": _("Recurrence"),
    "region": _("Region"),
    "regions": _("Regions"),
    "renewed": _("Renewed"),
    "said_by": _("Said by"),
    "sector": _("Sector"),
    "sectors": _("Sectors"),
    "share_of": _("Share of"),
    "signed": _("Signed"),
    "stage": _("Stage"),
    "started": _("Started"),
    "state": _("State"),
    "stated_countries": _("Stated countries"),
    "stated_end": _("End"),
    "statements": _("Statement"),
    "steps": _("Step"),
    "strand": _("Strand"),
    "successor": _("Successor"),
    "summary": _("Summary"),
    "supersedes": _("Renews"),
    "supporters": _("Supporter"),
    "supports": _("Policy support"),
    "supports_internationalisation": _("Supports internationalisation"),
    "target_countries": _("Target countries"),
    "terminated": _("Terminated"),
    "type": _("Type"),
    "unit": _("Unit"),
    "website": _("Website"),
}
_LONGEST = 60  # characters of a statement that name it


def fact_name(field: str, record: models.Model | None = None, label: Callable[[str, str], str] | None = None) -> str:
    """The fact a citation supports: “Started”, “Figure: Members”, “Participant: Polepharma”.

    Rows of a part are named in full where ``record`` has them loaded, and where they are called by another record,
    of which ``label`` knows the name by its kind and id; nothing is read from the database.
    """
    head, _dot, key = field.partition(".")
    fact = str(FACTS.get(head) or head.replace("_", " ").capitalize())
    if not key:
        return fact
    kind = kinds_calling().get(head)
    name = label and label(kind, key) if kind else _row_name(head, key, record)
    return f"{fact}: {name or key.replace('-', ' ')}"


def _row_name(part: str, key: str, record: models.Model | None) -> str:
    """The name of one row of a part that is loaded already, else ""."""
    loaded = getattr(record, "_prefetched_objects_cache", {}).get(part, ())
    return next((Truncator(str(row)).chars(_LONGEST) for row in loaded if row.key == key), "")
