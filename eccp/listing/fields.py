"""Form fields of the words of an address: what each may look like, and what is said when it does not.

A value that is not understood is refused and never left out: the answer would hold more than was asked for.
"""

import difflib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from itertools import islice

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eccp.records.dates import EARLIEST_DAY, LATEST_DAY, PartialDate
from eccp.records.text import clean, fold, words

UNKNOWN = "unknown"
MOST_VALUES = 50  # values of one word in one address
LONGEST_TEXT = 200  # characters of q
MOST_TERMS = 20  # words in q
NAMED_IN_ERRORS = 12
_MOST_COMPARED = 2000  # values with which a wrong one is compared; of more, only those that begin as it does,
_BEGINNING = 4  # with as many characters
_YEARS = {"first": str(EARLIEST_DAY.year), "last": str(LATEST_DAY.year)}  # which a date may be of


class CodesField(forms.Field):
    """Values of a word of choice; refuses what is not among ``labels``, and says what is."""

    widget = forms.SelectMultiple

    def __init__(self, **kwargs):
        self.labels: Mapping[str, str] = {}
        kwargs.pop("choices", None)
        super().__init__(**kwargs)

    def clean(self, value):
        codes = list(dict.fromkeys(code for code in value or () if code != ""))
        if len(codes) > MOST_VALUES:
            raise ValidationError(_("Give at most %(most)d values."), params={"most": MOST_VALUES})
        wrong = [code for code in codes if code != UNKNOWN and code not in self.labels]
        if wrong:
            raise ValidationError([self._refusal(code) for code in wrong[:3]])
        return codes

    @cached_property
    def _by_fold(self) -> dict[str, str]:
        """The values by all by which they may be meant."""
        return {fold(text): code for code, label in self.labels.items() for text in (code, str(label))}

    def _near(self, shown: str) -> list[str]:
        """The values that may have been meant; none where to look for them would keep others waiting."""
        if len(self.labels) > _MOST_COMPARED:
            alike = (code for code in self.labels if code.startswith(shown[:_BEGINNING]))
            by_fold = {fold(code): code for code in islice(alike, _MOST_COMPARED)}
        else:
            by_fold = self._by_fold
        near = difflib.get_close_matches(fold(shown), by_fold, NAMED_IN_ERRORS // 2, 0.5)
        return list(dict.fromkeys(by_fold[text] for text in near))

    def _refusal(self, code: str) -> str:
        shown = code[:40] + ("…" if len(code) > 40 else "")
        possible: Iterable[str] = self.labels
        if len(self.labels) > NAMED_IN_ERRORS:
            possible = self._near(shown) or islice(self.labels, NAMED_IN_ERRORS)
            said = gettext("“%(code)s” is not a value of this filter. There are %(count)d, for example: %(some)s.")
        else:
            said = gettext("“%(code)s” is not a value of this filter. Possible values: %(some)s.")
        return said % {"code": shown, "count": len(self.labels), "some": ", ".join((*possible, UNKNOWN))}


class OneValue(forms.TextInput):
    """A text input that refuses to be given twice, rather than ignoring all but the last."""

    def value_from_datadict(self, data, files, name):
        values = data.getlist(name) if hasattr(data, "getlist") else [data.get(name, "")]
        return values if len(values) > 1 else (values or [""])[0]


class OneTextField(forms.CharField):
    """A text that may be given once."""

    widget = OneValue

    def to_python(self, value):
        if isinstance(value, list):
            raise ValidationError(_("Give this only once."))
        return super().to_python(value)


class TermsField(OneTextField):
    """Free text, read as folded words."""

    def to_python(self, value):
        text = super().to_python(value)
        if len(text) > LONGEST_TEXT:
            raise ValidationError(_("Search for at most %(most)d characters."), params={"most": LONGEST_TEXT})
        return text

    def validate(self, value):
        super().validate(value)
        terms = words(value)
        if value and not terms:
            raise ValidationError(_("Search for at least one letter or digit."))
        if len(terms) > MOST_TERMS:
            raise ValidationError(_("Search for at most %(most)d words."), params={"most": MOST_TERMS})

    def clean(self, value):
        """What was typed, as it is said again: on one line."""
        return clean(super().clean(value)) or ""


class PartialDateFormField(OneTextField):
    """A year, a month, a day or a period."""

    refusal = _(
        "“%(value)s” is not a date of the years %(first)s to %(last)s. Write a year (2013), a month (2015-05), "
        "a day (2017-11-21) or a period (2015/2016)."
    )

    def to_python(self, value):
        text = super().to_python(value)
        try:
            return self.read(text) if text else None
        except ValueError:
            raise ValidationError(self.refusal, params={"value": text[:40]} | _YEARS) from None

    def read(self, text: str) -> PartialDate | date:
        """What ``text`` states; ValueError where that is nothing of the kind."""
        return PartialDate.parse(text)


class DayField(PartialDateFormField):
    """One day."""

    refusal = _("“%(value)s” is not a day of the years %(first)s to %(last)s. Write it like 2018-12-01.")

    def read(self, text):
        stated = PartialDate.parse(text)
        if not stated.is_day or len(text) != len("2018-12-01"):
            raise ValueError(text)
        return stated.first
