"""What every record of the registry is, and the evidence that stands behind each of its facts."""

from datetime import date, datetime
from functools import cache
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from eccp.records.dates import DayField, PartialDateField, PastDayField, day_constraints, partial_date_constraints
from eccp.records.vocabulary import (
    AliasKind,
    PublicationStatus,
    Rank,
    ValueMixin,
    choice_constraint,
    filled_constraint,
    name_validator,
    not_itself_constraints,
    value_constraints,
)

RESERVED_SLUGS = ("unknown", "none", "crosstab")  # words of addresses, so never the id of a record
QUOTE_LIMIT = 300  # characters of a source that may be quoted
KEPT_CHANGES = 1000  # of the data version: a reader further behind begins anew

slug_validator = RegexValidator(
    r"^[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\Z",
    _("An id is made of letters without accents, digits and single hyphens, for example “kobe-biomedical”."),
)


class RecordQuerySet(models.QuerySet):
    """The questions every kind of record answers."""

    def update(self, **kwargs):
        """Change rows at once; unlike in a plain queryset, the public notices."""
        with transaction.atomic(savepoint=False):
            DataVersion.objects.bump(at=timezone.now())
            return super().update(**kwargs)

    def published(self) -> Self:
        """Those the public may see; every public page, count, file, feed and search starts here."""
        return self.filter(publication_status=PublicationStatus.PUBLISHED)

    def withdrawn(self) -> Self:
        """Those that were public once: their address answers with a stub."""
        return self.filter(publication_status=PublicationStatus.WITHDRAWN)

    def review_due(self, by: date) -> Self:
        """Those whose facts were to be checked again on the day ``by`` or before."""
        return self.filter(review_due_on__lte=by)

    def with_evidence(self) -> Self:
        """With all that a record page shows from the ground: names, statements, figures, judgements."""
        return self.prefetch_related(*evidence_parts())


class Record(models.Model):
    """One thing the registry knows about, whatever its kind: each kind extends this table one to one."""

    record_kind = models.CharField(max_length=30, editable=False)
    slug = models.CharField(
        _("id"), max_length=120, validators=[slug_validator],
        help_text=_("Stands in the public address. A change keeps the old address working."),
    )  # fmt: skip
    name = models.CharField(
        max_length=300, validators=[name_validator],
        help_text=_("The right name in English, or as the body itself writes it."),
    )  # fmt: skip
    native_name = models.CharField(
        max_length=300, blank=True, validators=[name_validator], help_text=_("In its own language and script.")
    )
    summary = models.TextField(
        blank=True, help_text=_("Two or three sentences of your own; every fact is cited below.")
    )
    publication_status = models.CharField(
        max_length=10, choices=PublicationStatus, default=PublicationStatus.DRAFT, editable=False
    )
    withdrawn_on = DayField(editable=False)
    withdrawal_reason = models.CharField(max_length=300, blank=True, editable=False)
    verified_on = PastDayField(
        verbose_name=_("verified on"), help_text=_("The day somebody checked the source, never the day of typing.")
    )
    review_due_on = DayField(verbose_name=_("review due on"), help_text=_("The day this should be checked again."))
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    changed_at = models.DateTimeField(_("last changed"), auto_now=True)

    #: Related names of the rows that belong to a record and travel with it (see ``aggregate``).
    parts: tuple[str, ...] = ("old_slugs", "aliases", "statements", "figures", "assessments", "citations")
    #: Fields that hold personal data, which no citation may repeat.
    personal_fields: tuple[str, ...] = ()
    #: The list in whose address space records of this kind have their page; "" where they have none.
    address = ""
    #: Whether records of this kind are reference data of the registry itself: what they are needs no citation.
    is_reference = False
    #: Whether it has been asked already, for many at once, that no other record had this id before.
    has_free_slug = False
    #: The vocabulary of the statements a record of this kind may carry.
    aspects: type[models.TextChoices] | None = None

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("record"), _("records")
        ordering = ["record_kind", "slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["record_kind", "slug"],
                name="%(app_label)s_%(class)s_slug_unique",
                violation_error_message=_("Another record of this kind has this id already."),
            ),
            models.UniqueConstraint(
                "record_kind",
                Lower("slug"),
                name="%(app_label)s_%(class)s_slug_unique_whatever_its_case",
                violation_error_message=_("Another record of this kind has this id already."),
            ),
            models.CheckConstraint(
                condition=~Q(slug="") & ~Q(slug__in=RESERVED_SLUGS),
                name="%(app_label)s_%(class)s_slug_not_reserved",
                violation_error_message=_("“unknown”, “none” and “crosstab” are words of addresses and cannot be ids."),
            ),
            filled_constraint("name", _("Every record needs a name.")),
            choice_constraint("publication_status", PublicationStatus),
            *day_constraints("withdrawn_on", "verified_on", "review_due_on"),
            models.CheckConstraint(
                condition=Q(verified_on__isnull=True)
                | Q(review_due_on__isnull=True)
                | Q(review_due_on__gte=F("verified_on")),
                name="%(app_label)s_%(class)s_review_after_verified",
                violation_error_message=_("The next review is due before the day of the last."),
            ),
            models.CheckConstraint(
                condition=Q(publication_status=PublicationStatus.WITHDRAWN, withdrawn_on__isnull=False)
                & ~Q(withdrawal_reason="")
                | ~Q(publication_status=PublicationStatus.WITHDRAWN)
                & Q(withdrawn_on__isnull=True, withdrawal_reason=""),
                name="%(app_label)s_%(class)s_withdrawn_says_why",
                violation_error_message=_("A withdrawn record says on which day and why; no other record does."),
            ),
        ]
        indexes = [models.Index(fields=["publication_status", "record_kind", "slug"])]

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        if self.publication_status == PublicationStatus.WITHDRAWN or self.has_free_slug:
            return  # the address of what is withdrawn may lead on to the record with which it was merged
        kind = self._word_for_kind()
        of_kind = Record.objects.alias(lower_slug=Lower("slug")).filter(record_kind=kind)
        if taken := of_kind.filter(lower_slug=self.slug.lower()).exclude(pk=self.pk).first():
            message = _("This is the id of “%(name)s” already (%(id)s; capitals make no difference). Choose another.")
            raise ValidationError({"slug": message % {"name": taken.name, "id": taken.slug}})
        if OldSlug.objects.filter(record_kind=kind, slug=self.slug).exclude(record=self.pk).exists():
            raise ValidationError(
                {"slug": _("This was the id of another record, and its old address still leads there; choose another.")}
            )

    def derive(self) -> None:
        """Fill what nobody types and follows from the rest: called before the record is stored, in whichever way."""
        self.record_kind = self._word_for_kind()

    def save(self, *args, **kwargs):
        self.derive()
        with transaction.atomic(savepoint=False):
            before = Record.objects.filter(pk=self.pk).values_list("slug", flat=True).first() if self.pk else None
            super().save(*args, **kwargs)
            is_stored = "slug" in (kwargs.get("update_fields") or ["slug"])
            if is_stored and before not in (None, self.slug):
                # Whichever way the id was changed, the old address keeps working.
                self.old_slugs.filter(slug=self.slug).delete()
                self.old_slugs.update_or_create(slug=before, record_kind=self.record_kind)

    def _word_for_kind(self) -> str:
        """What ``record_kind`` must be: a proxy is of its model's kind."""
        return self.record_kind if type(self) is Record else self._meta.concrete_model._meta.model_name

    @property
    def kind_label(self) -> str:
        """The reader's word for the kind of record."""
        return str(record_models()[self._word_for_kind()]._meta.verbose_name)

    @property
    def is_published(self) -> bool:
        return self.publication_status == PublicationStatus.PUBLISHED

    def get_absolute_url(self) -> str:
        """The address of the record's page, or "" where its kind has none."""
        address = KIND_ADDRESSES.get(self.record_kind, "")
        return reverse(f"{address}:detail", args=[self.slug]) if address else ""


#: Where each kind of record has its page; filled as the models are made.
KIND_ADDRESSES: dict[str, str] = {}


class RecordModel(Record):
    """The base of every kind of record: adds the link to the common table under one name."""

    record = models.OneToOneField(
        Record, on_delete=models.CASCADE, parent_link=True, primary_key=True, related_name="as_%(class)s"
    )
    #: Whether other records are derived anew whenever one of these is saved.
    is_followed = False

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        KIND_ADDRESSES[cls.__name__.lower()] = cls.address


class TreeModel(RecordModel):
    """A record that may stand under another of its kind; a parent includes its children."""

    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    #: Itself and all above it: one join answers “in this or anything under it”. Kept by ``save``.
    ancestors = models.ManyToManyField("self", symmetrical=False, related_name="descendants", editable=False)

    class Meta:
        abstract = True

    def clean(self):
        super().clean()
        if self.parent and self.pk and self.parent.ancestors.filter(pk=self.pk).exists():
            raise ValidationError({"parent": _("This would put the record under itself; choose another parent.")})

    def save(self, *args, **kwargs):
        TreeModel.clean(self)  # a circle would never end; no way of saving may make one
        super().save(*args, **kwargs)
        above = [] if self.parent is None else list(self.parent.ancestors.all())
        if {self, *above} == set(self.ancestors.all()):
            return
        below = list(self.children.all())
        self.ancestors.set([self, *above])
        for child in below:
            child.parent = self
            child.save()


class OldSlug(models.Model):
    """An id under which a record was known before; its address still leads to the record."""

    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="old_slugs")
    record_kind = models.CharField(max_length=30, editable=False)
    slug = models.CharField(_("old id"), max_length=120, validators=[slug_validator])
    note = models.CharField(
        _("note"), max_length=100, blank=True, help_text=_("For a code, the version it is of: “NUTS 2013”.")
    )

    class Meta:
        ordering = ["record_kind", "slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["record_kind", "slug"],
                name="%(app_label)s_%(class)s_unique",
                violation_error_message=_("This old id already leads to another record."),
            )
        ]

    def __str__(self):
        return self.slug

    def save(self, *args, **kwargs):
        self.record_kind = self.record.record_kind
        super().save(*args, **kwargs)

    def clean(self):
        super().clean()
        kind = self.record.record_kind if self.record_id else self.record_kind
        taken = Record.objects.filter(record_kind=kind, slug=self.slug)
        if taken.exclude(publication_status=PublicationStatus.WITHDRAWN).exists():
            raise ValidationError({"slug": _("This is the id of a record today, so it cannot be an old one.")})


class Alias(models.Model):
    """Another name under which people look for a record: a variant, an acronym, even a misprint."""

    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=300, validators=[name_validator])
    kind = models.CharField(max_length=10, choices=AliasKind, default=AliasKind.ALIAS)

    class Meta:
        verbose_name, verbose_name_plural = _("alias"), _("aliases")
        ordering = ["record", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "name"],
                name="%(app_label)s_%(class)s_unique",
                violation_error_message=_("The record has this name already."),
            ),
            filled_constraint("name", _("Write the other name.")),
            choice_constraint("kind", AliasKind),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        record = getattr(self, "record", None)
        if record and self.name == record.name:
            raise ValidationError({"name": _("This is the record’s own name; delete it here.")})


class Source(RecordModel):
    """A document or web page on which statements of the registry stand.

    A footnote of a paper is a source too, cited through that paper. The title is the record's name.
    """

    publisher = models.CharField(max_length=200, blank=True)
    dated = PartialDateField(help_text=_("The date the document gives itself."))
    document_version = models.CharField(_("document version"), max_length=40, blank=True)
    document_url = models.URLField(_("web address"), max_length=500, blank=True)
    licence = models.CharField(_("licence"), max_length=100, blank=True)
    consulted_on = PastDayField(help_text=_("The day the web page was read."))
    cited_through = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="footnotes",
        help_text=_("The document whose footnote this source is."),
    )  # fmt: skip
    footnote = models.CharField(_("footnote"), max_length=20, blank=True, help_text=_("Its number in that document."))

    address = "sources"
    is_followed = True  # by agreements without a date of their own

    class Meta:
        verbose_name, verbose_name_plural = _("source"), _("sources")
        ordering = ["slug"]
        constraints = [
            *partial_date_constraints("dated"),
            *day_constraints("consulted_on"),
            *not_itself_constraints(cited_through=_("A source cannot be cited through itself.")),
            models.CheckConstraint(
                condition=Q(footnote="") | Q(cited_through__isnull=False),
                name="%(app_label)s_%(class)s_footnote_of",
                violation_error_message=_("A footnote number needs the document it stands in."),
            ),
        ]


class CitationQuerySet(models.QuerySet):
    """The questions the site asks about citations."""

    def public(self) -> Self:
        """Those whose record and whose source are both published."""
        return self.filter(
            record__publication_status=PublicationStatus.PUBLISHED,
            source__publication_status=PublicationStatus.PUBLISHED,
        )


class Citation(models.Model):
    """One statement of one source about one field of one record, with what the registry made of it.

    ``field`` is a field's name, or a part and its key: ``figures.members``, ``participants.techtera``.
    """

    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="citations")
    key = models.CharField(_("id"), max_length=300, unique=True, editable=False)
    field = models.CharField(
        _("what it supports"), max_length=120, help_text=_("What it supports: “started”, “figures.members” …")
    )
    source = models.ForeignKey(Source, verbose_name=_("source"), on_delete=models.PROTECT, related_name="supports")
    section = models.CharField(_("section"), max_length=40, blank=True)
    line_first = models.PositiveIntegerField(_("line"), null=True, blank=True)
    line_last = models.PositiveIntegerField(_("to line"), null=True, blank=True)
    locator_note = models.CharField(_("page, table, footnote"), max_length=100, blank=True)
    quote = models.CharField(
        _("quote"),
        max_length=QUOTE_LIMIT, blank=True,
        help_text=_("Short, word for word, at most 300 characters; no names of private persons."),
    )  # fmt: skip
    stated_value = models.CharField(
        _("value as stated"), max_length=QUOTE_LIMIT, help_text=_("The value exactly as the source states it.")
    )
    rank = models.CharField(_("rank"), max_length=11, choices=Rank, default=Rank.PREFERRED)
    reason = models.CharField(
        _("reason"),
        max_length=300,
        blank=True,
        help_text=_("Why this statement was not followed, or was preferred to another."),
    )

    objects = CitationQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("citation"), _("citations")
        ordering = ["key"]
        constraints = [
            choice_constraint("rank", Rank),
            models.CheckConstraint(
                condition=Q(rank=Rank.PREFERRED) | ~Q(reason=""),
                name="%(app_label)s_%(class)s_rank_has_reason",
                violation_error_message=_("Say why this statement was not followed: the public reads the reason."),
            ),
            models.CheckConstraint(
                condition=~Q(stated_value=""),
                name="%(app_label)s_%(class)s_states_something",
                violation_error_message=_("Give the value as the source states it."),
            ),
            models.CheckConstraint(
                condition=Q(line_first__isnull=True)
                | Q(line_last__isnull=True)
                | Q(line_last__gte=models.F("line_first")),
                name="%(app_label)s_%(class)s_lines_in_order",
                violation_error_message=_("The last line comes before the first."),
            ),
            models.CheckConstraint(
                condition=Q(line_last__isnull=True) | Q(line_first__isnull=False),
                name="%(app_label)s_%(class)s_last_line_has_first",
                violation_error_message=_("A last line needs a first one; a single line is the first."),
            ),
            models.CheckConstraint(
                condition=Q(line_first__isnull=True) | Q(line_first__gte=1),
                name="%(app_label)s_%(class)s_lines_from_one",
                violation_error_message=_("Lines are counted from 1."),
            ),
        ]
        indexes = [models.Index(fields=["record", "field"])]

    def __str__(self):
        return f"{self.field}: {self.stated_value}"

    def save(self, *args, **kwargs):
        if not self.key:
            stem = f"{self.record.record_kind}.{self.record.slug}.{self.field}."
            given = Citation.objects.filter(key__startswith=stem).values_list("key", flat=True)
            numbers = [int(tail) for key in given if (tail := key.removeprefix(stem)).isdigit()]
            self.key = f"{stem}{max(numbers, default=0) + 1}"
        super().save(*args, **kwargs)

    @property
    def locator(self) -> str:
        """Where in the source: ``section 3.1, lines 86–88, footnote 2``."""
        lines = ""
        if self.line_first:
            last = self.line_last if self.line_last != self.line_first else None
            lines = f"lines {self.line_first}–{last}" if last else f"line {self.line_first}"
        return ", ".join(filter(None, [self.section and f"section {self.section}", lines, self.locator_note]))

    def get_absolute_url(self) -> str:
        return reverse("citations:detail", args=[self.key])


class Statement(models.Model):
    """One thing a source says about a record in words: an objective, a result, an eligibility rule, an absence."""

    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="statements")
    key = models.CharField(_("key"), max_length=60, validators=[slug_validator])
    aspect = models.CharField(_("aspect"), max_length=30)
    text = models.TextField(_("text"), help_text=_("In your own words, in the tense of the source’s date."))
    period = PartialDateField(help_text=_("The time it is about, if stated."))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("statement"), _("statements")
        ordering = ["record", "position", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "key"],
                name="%(app_label)s_%(class)s_key_unique",
                violation_error_message=_("Another statement of this record has this key."),
            ),
            *partial_date_constraints("period"),
        ]

    def __str__(self):
        return self.text

    def clean(self):
        super().clean()
        model = record_models().get(self.record.record_kind) if self.record_id else None
        known = model.aspects.values if model and model.aspects else []
        if model and self.aspect not in known:
            raise ValidationError({"aspect": _("Choose one of: %(known)s.") % {"known": ", ".join(known) or "–"}})


class ReportedFigure(ValueMixin):
    """A number a source reports about a record: members, companies, jobs expected, projects by world region."""

    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="figures")
    key = models.CharField(_("key"), max_length=60, validators=[slug_validator])
    what = models.CharField(_("what is counted"), max_length=200, help_text=_("What is counted or measured."))
    about = models.ForeignKey(
        Record, verbose_name=_("about"), on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("The country or area the figure is restricted to, if any."),
    )  # fmt: skip

    class Meta:
        verbose_name, verbose_name_plural = _("reported figure"), _("reported figures")
        ordering = ["record", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "key"],
                name="%(app_label)s_%(class)s_key_unique",
                violation_error_message=_("Another figure of this record has this key."),
            ),
            *value_constraints(),
        ]

    def __str__(self):
        return self.what


class Assessment(models.Model):
    """A judgement somebody passed on a record: “strongest potential”, “advanced stage”."""

    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="assessments")
    key = models.CharField(_("key"), max_length=60, validators=[slug_validator])
    criterion = models.CharField(_("criterion"), max_length=200, help_text=_("What is judged."))
    judgement = models.TextField(
        _("judgement"),
    )
    judged_by = models.ForeignKey(
        Record, verbose_name=_("judged by"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    judged_on = PartialDateField(
        verbose_name=_("judged on"),
    )

    class Meta:
        verbose_name, verbose_name_plural = _("assessment"), _("assessments")
        ordering = ["record", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "key"],
                name="%(app_label)s_%(class)s_key_unique",
                violation_error_message=_("Another assessment of this record has this key."),
            ),
            *partial_date_constraints("judged_on"),
        ]

    def __str__(self):
        return f"{self.criterion}: {self.judgement}"


def evidence_parts() -> list[models.Prefetch | str]:
    """The parts of every record, as its page reads them.

    Their own order begins with the record they belong to; within one record that is a join for nothing.
    """
    return [
        # A record that was renamed may keep among its other names the one it has now.
        models.Prefetch("aliases", Alias.objects.exclude(name=F("record__name")).order_by("name")),
        models.Prefetch("statements", Statement.objects.order_by("position", "key")),
        models.Prefetch("figures", ReportedFigure.objects.order_by("key")),
        "figures__about",
        models.Prefetch("assessments", Assessment.objects.order_by("key")),
        "assessments__judged_by",
    ]


class DataVersionQuerySet(models.QuerySet):
    """The one row, read and raised."""

    def token(self) -> tuple[int, datetime | None]:
        """Number and instant: the instant tells apart versions of two histories."""
        return self.values_list("number", "changed_at").first() or (0, None)

    def bump(self, *, at: datetime, rows: dict[str, list[int]] | None = None) -> None:
        """Raise the number, within the caller's transaction, by a change made at the instant ``at`` to ``rows``."""
        with transaction.atomic(savepoint=False):
            if not self.filter(pk=1).update(number=F("number") + 1, changed_at=at):
                self.create(pk=1, changed_at=at)
            number = self.values_list("number", flat=True).get(pk=1)
            DataChange(number=number, changed_at=at, rows=rows).save()
            if number % 100 == 0:
                DataChange.objects.filter(number__lt=number - KEPT_CHANGES).delete()


class DataVersion(models.Model):
    """The one row that says how often the registry's data has changed, and when it last did."""

    number = models.PositiveBigIntegerField(default=1)
    changed_at = models.DateTimeField()

    objects = DataVersionQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="%(app_label)s_%(class)s_single_row")]

    def __str__(self):
        return str(self.number)


class DataChange(models.Model):
    """One raise of the data version: by its chain a reader knows what has changed since it last looked."""

    number = models.PositiveBigIntegerField(primary_key=True)
    changed_at = models.DateTimeField()
    #: For each list the keys of the rows that may show the change; none where nobody can say.
    rows = models.JSONField(null=True)

    class Meta:
        ordering = ["number"]

    def __str__(self):
        return str(self.number)


@cache
def record_models() -> dict[str, type[RecordModel]]:
    """Every kind of record and its model, by kind."""
    from django.apps import apps

    models_of_records = (model for model in apps.get_models() if issubclass(model, RecordModel))
    return {model._meta.model_name: model for model in models_of_records if not model._meta.proxy}


@cache
def names_of(model: type[Record]) -> list[str]:
    """The fields that name a record of a kind, always in the same order: what other records' rows say of it."""
    names = [field.name for field in model._meta.get_fields() if field.concrete]
    return [name for name in names if name in ("name", "native_name", "acronym") or name.startswith("name_")]
