"""The words and rules that records of every kind share: vocabularies, and constraints that speak to a curator."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Trim
from django.db.models.lookups import GreaterThan
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from eccp.records.dates import PartialDateField, partial_date_constraints
from eccp.records.text import words


class PublicationStatus(models.TextChoices):
    """How far a record is on its way to the public, which sees only ``published``."""

    DRAFT = "draft", _("draft")
    IN_REVIEW = "in_review", _("in review")
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")


class AliasKind(models.TextChoices):
    """Why a record is looked for under another name."""

    ALIAS = "alias", _("other name")
    ACRONYM = "acronym", _("acronym")
    FORMER = "former", _("former name")
    SPELLING = "spelling", _("other spelling")
    MISPRINT = "misprint", _("misprint")


class Rank(models.TextChoices):
    """What the registry made of a statement: followed it, noted it, or found it wrong."""

    PREFERRED = "preferred", _("preferred")
    ALTERNATIVE = "alternative", _("alternative")
    REJECTED = "rejected", _("rejected")


class FigureKind(models.TextChoices):
    """Whether a number was measured, is expected, or is aimed at."""

    ACTUAL = "actual", pgettext_lazy("figure", "actual")
    PROJECTED = "projected", pgettext_lazy("figure", "projected")
    TARGET = "target", pgettext_lazy("figure", "target")


def choice_constraint(
    field: str, choices: type[models.TextChoices], *, or_empty: bool = False
) -> models.CheckConstraint:
    """A CHECK that ``field`` holds one of the words of its vocabulary, or none where none may be known."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__in": [*choices.values, ""] if or_empty else choices.values}),
        name=f"%(app_label)s_%(class)s_{field}_known",
        violation_error_message=format_lazy(
            _("Choose one of the words of the vocabulary: {words}."), words=", ".join(choices.values)
        ),
    )


def not_itself_constraints(**said: str) -> list[models.CheckConstraint]:
    """CHECKs that a record does not name itself in the given fields, each with what is said to the curator."""
    return [
        models.CheckConstraint(
            condition=Q(**{f"{name}__isnull": True}) | ~Q(**{name: F("record")}),
            name=f"%(app_label)s_%(class)s_{name}_not_itself",
            violation_error_message=message,
        )
        for name, message in said.items()
    ]


def in_order_constraint(first: str, then: str, message: str) -> models.CheckConstraint:
    """A CHECK that of two partial dates the second does not end before the first begins."""
    return models.CheckConstraint(
        condition=Q(**{f"{first}_first__isnull": True})
        | Q(**{f"{then}_last__isnull": True})
        | Q(**{f"{then}_last__gte": F(f"{first}_first")}),
        name=f"%(app_label)s_%(class)s_{then}_after_{first}",
        violation_error_message=message,
    )


def filled_constraint(name: str, message: str) -> models.CheckConstraint:
    """A CHECK that a text holds more than blanks."""
    return models.CheckConstraint(
        condition=GreaterThan(Length(Trim(name)), 0),
        name=f"%(app_label)s_%(class)s_{name}_filled",
        violation_error_message=message,
    )


#: Marks that nobody sees and that turn the direction of what follows, so that a text reads as what it is not.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def name_validator(name: str) -> None:
    """Refuse what nobody could read, or would read as something else."""
    if _TURNING.search(name):
        raise ValidationError(_("Invisible marks in this name turn its direction. Delete it and type it again."))
    if not words(name):
        raise ValidationError(_("A name has at least one letter or digit."))


#: What both databases keep exactly; currency and scale stand in the unit.
VALUE_DIGITS = 15


class ValueMixin(models.Model):
    """A number as its source gives it: exact, or a range or floor that must never be read as a number."""

    value = models.DecimalField(
        _("value"),
        max_digits=VALUE_DIGITS,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("Only when the source gives one number."),
    )
    value_low = models.DecimalField(
        _("from"), max_digits=VALUE_DIGITS, decimal_places=4, null=True, blank=True,
        help_text=_("Lower bound: of “22 to 24 %” it is 22, of “over 500” it is 500."),
    )  # fmt: skip
    value_high = models.DecimalField(_("to"), max_digits=VALUE_DIGITS, decimal_places=4, null=True, blank=True)
    unit = models.CharField(max_length=80, help_text=_("With currency and scale: “trillion JPY”, “% of imports”."))
    kind = models.CharField(max_length=10, choices=FigureKind, default=FigureKind.ACTUAL)
    period = PartialDateField(help_text=_("The year, month, day or period the value is about, if stated."))

    class Meta:
        abstract = True


def value_constraints() -> list[models.CheckConstraint]:
    """CHECKs that a value is one number or a range with at least one bound, and the range in order."""
    bounds = Q(value_low__isnull=False) | Q(value_high__isnull=False)
    return [
        models.CheckConstraint(
            condition=(Q(value__isnull=False) & ~bounds) | (Q(value__isnull=True) & bounds),
            name="%(app_label)s_%(class)s_value_or_range",
            violation_error_message=_("Give either one value or a range (from, to or both): one of the two, not both."),
        ),
        models.CheckConstraint(
            condition=Q(value_low__isnull=True) | Q(value_high__isnull=True) | Q(value_low__lte=F("value_high")),
            name="%(app_label)s_%(class)s_range_in_order",
            violation_error_message=_("The range is upside down: “from” must not be greater than “to”."),
        ),
        choice_constraint("kind", FigureKind),
        *partial_date_constraints("period"),
    ]
