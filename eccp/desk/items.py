"""What waits for a curator: one declaration each, from which come its count, its list and the click that helps."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from functools import reduce
from operator import or_
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from eccp.desk.duplicates import duplicates
from eccp.desk.facts import uncited_of, with_uncited_facts
from eccp.desk.item import Item, Line, change_url
from eccp.desk.models import LinkCheck
from eccp.desk.workflow import ChangesInReview, Drafts, InReview, OpenChanges, Reports
from eccp.records.dates import PartialDateField
from eccp.records.labels import fact_name
from eccp.records.models import Citation, Record, Source, record_models
from eccp.records.references import citable_fields, citable_parts
from eccp.records.vocabulary import PublicationStatus, Rank, ValueMixin
from eccp.reference.models import TranslatedNames
from partnerships.models import Agreement

REVIEW_AHEAD = timedelta(days=30)
ENDING_AHEAD = timedelta(days=365)
TRANSLATIONS = [f"name_{code}" for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


class ReviewDue(Item):
    name = "review-due"
    title = _("Review due or overdue")
    explanation = _("Public records whose day of review has passed or comes within 30 days.")
    act = _("Check it again")

    def question(self, on):
        return Record.objects.published().review_due(on + REVIEW_AHEAD).order_by("review_due_on", "pk")

    def whys(self, rows, on):
        return {
            row.pk: (gettext("overdue since %s") if row.review_due_on < on else gettext("due on %s"))
            % date_format(row.review_due_on)
            for row in rows
        }

    def url(self, row):
        return change_url(row, "id_review_due_on")


class Unplanned(Item):
    name = "no-review-planned"
    title = _("No review planned")
    explanation = _("Public records of which nobody has said when they are to be checked again.")
    act = _("Give a day of review")

    def question(self, on):
        return Record.objects.published().filter(review_due_on__isnull=True).order_by("verified_on", "pk")

    def whys(self, rows, on):
        return {
            row.pk: gettext("last checked on %s") % date_format(row.verified_on) for row in rows if row.verified_on
        }  # fmt: skip

    def url(self, row):
        return change_url(row, "id_review_due_on")


class Ending(Item):
    name = "agreements-ending"
    title = _("Agreements ending within a year")
    explanation = _("Public agreements whose known end comes within a year and that nothing recorded renews.")
    act = _("See what follows it")

    def question(self, on):
        return Agreement.objects.published().ending(on, on + ENDING_AHEAD).order_by("ends_on", "pk")

    def whys(self, rows, on):
        return {row.pk: gettext("ends on %s") % date_format(row.ends_on) for row in rows}

    def url(self, row):
        return change_url(row, "id_supersedes")


class Uncited(Item):
    name = "uncited"
    title = _("Published facts without a citation")
    explanation = _(
        "Public records that state something no source is cited for. Names need no citation, nor do the codes, places "
        "and translations of countries, regions, areas and sectors."
    )
    act = _("Add a citation")

    def question(self, on):
        return with_uncited_facts().order_by("record_kind", "slug", "pk")

    def whys(self, rows, on):
        return {key: ", ".join(names) for key, names in uncited_of(rows).items()}

    def url(self, row):
        return change_url(row, "citations-group")


class Unchecked(Item):
    name = "sources-unchecked"
    title = _("Sources not checked")
    explanation = _("Public sources of which it is not recorded on which day somebody read them.")
    act = _("Read it and note the day")

    def question(self, on):
        unread = Q(verified_on__isnull=True) | Q(consulted_on__isnull=True) & ~Q(document_url="")
        return Source.objects.published().filter(unread).order_by("slug")

    def whys(self, rows, on):
        return {row.pk: row.document_url for row in rows}

    def url(self, row):
        return change_url(row, "id_consulted_on")


class Undecided(Item):
    name = "undecided"
    title = _("Discrepancies not decided")
    explanation = _(
        "Facts of public records about which several statements stand and none is followed, or two differing "
        "statements of a date or number are both followed and neither says why."
    )
    act = _("Rank them and say why")
    kind_path = "record__record_kind"

    def question(self, on):
        parts = (Q(field__startswith=f"{part}.") for part in _measured_parts())
        measured = reduce(or_, parts, Q(field__in=_measured_fields()))
        # Where nothing is measured, only a record with a statement that was set aside can be undecided.
        set_aside = Citation.objects.filter(rank=Rank.ALTERNATIVE).order_by().values("record")
        followed = Q(rank=Rank.PREFERRED)
        return (
            Citation.objects.filter(measured | Q(record__in=set_aside))
            .filter(record__publication_status=PublicationStatus.PUBLISHED)
            .exclude(rank=Rank.REJECTED)
            .order_by("record", "field")
            .values("record", "field")
            .annotate(
                stated=Count("stated_value", distinct=True),
                followed=Count("stated_value", filter=followed, distinct=True),
                reasons=Count("pk", filter=followed & ~Q(reason="")),
            )
            .filter(Q(followed=0, stated__gte=2) | Q(measured, followed__gte=2, reasons=0))
        )

    def kinds(self, question):
        # A question that counts statements cannot be counted once more.
        return dict(sorted(Counter(question.values_list(self.kind_path, flat=True)).items()))

    def lines(self, rows, on):
        records = Record.objects.in_bulk({row["record"] for row in rows})
        facts = [(records[row["record"]], row["field"]) for row in rows]
        stated: dict[tuple[int, str], list[str]] = {}
        cited = Citation.objects.filter(record__in=records, field__in={field for _record, field in facts})
        for citation in cited.exclude(rank=Rank.REJECTED).order_by("key"):
            stated.setdefault((citation.record_id, citation.field), []).append(f"“{citation.stated_value}”")
        return [
            Line(
                f"{record.name}: {fact_name(field)}",
                record.kind_label,
                " – ".join(stated[record.pk, field]),
                change_url(record, f"cited-{field}"),
            )
            for record, field in facts
        ]


def _measured_fields() -> set[str]:
    """The fields that hold a date or a number, about which two statements either agree or do not."""
    measures = (PartialDateField, models.DateField, models.IntegerField, models.DecimalField)
    fields = (field for model in record_models().values() for field in citable_fields(model))
    return {field.name for field in fields if isinstance(field, measures)}


def _measured_parts() -> list[str]:
    """The parts whose rows are numbers."""
    parts = ((part, owner.model) for model in record_models().values() for part, owner in citable_parts(model).items())
    return sorted({part for part, model in parts if issubclass(model, ValueMixin)})


class Untranslated(Item):
    name = "untranslated"
    title = _("Required translations missing")
    explanation = _("Public countries, regions, areas and sectors without a name in a language of the site.")
    act = _("Add the name")

    def question(self, on):
        lacking = reduce(or_, (Q(**{name: ""}) for name in TRANSLATIONS))
        kinds = [model for model in record_models().values() if issubclass(model, TranslatedNames)]
        found = (Q(pk__in=model.objects.published().filter(lacking).order_by().values("pk")) for model in kinds)
        return Record.objects.filter(reduce(or_, found)).order_by("record_kind", "slug")

    def whys(self, rows, on):
        found = {}
        for kind in {row.record_kind for row in rows}:
            own = record_models()[kind].objects.filter(pk__in=[row.pk for row in rows])
            for pk, *names in own.order_by().values_list("pk", *TRANSLATIONS):
                lacking = [name for name, value in zip(TRANSLATIONS, names, strict=True) if not value]
                languages = (get_language_info(name.removeprefix("name_")) for name in lacking)
                found[pk] = ", ".join(str(language["name_translated"]) for language in languages)
        return found

    def url(self, row):
        return change_url(row, f"id_{TRANSLATIONS[0]}")


class BrokenLinks(Item):
    name = "broken-links"
    title = _("Links broken")
    explanation = _(
        "Public records with a web address where nothing was found, or from which nothing has come for a week."
    )
    act = _("Correct the address")

    def question(self, on):
        broken = LinkCheck.objects.broken(on).values("url")
        found = (
            Q(pk__in=model.objects.published().filter(**{f"{field}__in": broken}).order_by().values("pk"))
            for model, field in link_fields()
        )
        return Record.objects.filter(reduce(or_, found)).order_by("record_kind", "slug")

    def whys(self, rows, on):
        urls: dict[str, list[int]] = {}
        for model, field in link_fields():
            named = model.objects.filter(pk__in=[row.pk for row in rows if row.record_kind == model._meta.model_name])
            for pk, url in named.order_by().values_list("pk", field):
                urls.setdefault(url, []).append(pk)
        checks = LinkCheck.objects.broken(on).filter(url__in=urls)
        said = ((check, f"{check.url} – {check.get_outcome_display()}: {check.detail}") for check in checks)
        return {pk: why for check, why in said for pk in urls[check.url]}


def link_fields() -> Iterable[tuple[type[Record], str]]:
    """Every field of a kind of record that holds a web address."""
    for model in record_models().values():
        for field in model._meta.local_fields:
            if isinstance(field, models.URLField):
                yield model, field.name


class Duplicates(Item):
    name = "duplicates"
    title = _("Likely duplicates")
    explanation = _(
        "Records of one kind with the same name, but for accents, transliteration, “+” or “&” and the legal form, or "
        "with the same web address. Drafts are among them."
    )
    act = _("Compare, merge or tell apart")

    def question(self, on):
        return Record.objects.filter(pk__in=list(duplicates())).order_by("record_kind", "slug")

    def whys(self, rows, on):
        found = duplicates()
        for row in rows:
            row.likeness = found.get(row.pk)
        return {
            row.pk: gettext("as “%(name)s” (%(id)s): %(alike)s")
            % {"name": one.name, "id": one.slug, "alike": one.alike}
            for row in rows
            if (one := row.likeness)
        }

    def url(self, row):
        one = row.likeness
        if one is None:  # decided a moment ago
            return change_url(row)
        opts = record_models()[row.record_kind]._meta
        address = reverse(f"admin:{opts.app_label}_{opts.model_name}_merge", args=[one.of])
        return f"{address}?{urlencode({'with': row.slug})}"


#: In the order in which they stand on the front page: what people wait for comes first.
ITEMS: dict[str, Item] = {
    item.name: item
    for item in (
        InReview(), ChangesInReview(), Reports(), Drafts(), OpenChanges(), ReviewDue(), Ending(), Uncited(),
        Undecided(), Duplicates(), Unchecked(), BrokenLinks(), Untranslated(), Unplanned(),
    )
}  # fmt: skip


def items_for(user: AbstractUser) -> list[Item]:
    """The items that somebody may see."""
    return [item for item in ITEMS.values() if user.has_perm(item.permission)]
