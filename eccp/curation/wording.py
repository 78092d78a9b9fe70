"""What a form says where it refuses something: what to do about it, in the words of the house, not the framework's."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

_GONE = _("What was chosen is not, or no longer, among the choices. Choose one that is offered.")

#: By kind of field, of a form or of a model, the more special first: what its messages say is to be done.
_WORDS: tuple[tuple[tuple[type, ...], dict[str, Any]], ...] = (
    ((forms.URLField, models.URLField), {"invalid": _("Write the whole web address, with https:// at its beginning.")}),
    ((forms.EmailField, models.EmailField), {"invalid": _("Write one e-mail address, such as office@example.eu.")}),
    ((forms.DateField, models.DateField), {"invalid": _("Write the day as year-month-day: 2017-11-21.")}),
    (
        (forms.DecimalField, models.DecimalField),
        {"invalid": _("Write the number in digits alone, such as 1234.5; its unit stands apart.")},
    ),
    ((forms.IntegerField, models.IntegerField), {"invalid": _("Write a whole number in digits, such as 36.")}),
    ((forms.ModelMultipleChoiceField,), {"invalid_choice": _GONE, "invalid_pk_value": _GONE}),
    ((forms.ModelChoiceField,), {"invalid_choice": _GONE}),
    ((forms.ChoiceField,), {"invalid_choice": _GONE}),
)  # fmt: skip

#: Whatever the field.
_ALWAYS = {
    "max_length": _("Shorten this to %(limit_value)d characters: there are %(show_value)d."),
    "min_length": _("Say more: at least %(limit_value)d characters, there are %(show_value)d."),
    "min_value": _("This must be %(limit_value)s or more."),
    "max_value": _("This must be %(limit_value)s or less."),
    "max_digits": _("Shorten the number to %(max)s digits."),
    "max_decimal_places": _("Round the number to %(max)s decimal places."),
    "max_whole_digits": _("The number is too large: at most %(max)s digits may stand before the point."),
}


class SaysWhatToDo(forms.BaseForm):
    """A form whose every refusal says what to do."""

    def full_clean(self):
        for name, field in self.fields.items():
            field.error_messages |= {"required": _missing(name, field), **_ALWAYS, **_words_of(field)}
        super().full_clean()


def in_our_words(problem: ValidationError, field: forms.Field | models.Field) -> list[str]:
    """What ``problem`` says of the value of a ``field``, wherever it was found."""
    words = {**_ALWAYS, **_words_of(field)}
    found = [(words.get(each.code, each.message), each.params) for each in problem.error_list]
    return [str(message) % params if params else str(message) for message, params in found]


def _missing(name: str, field: forms.Field) -> str:
    label = capfirst(field.label or name.replace("_", " "))
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField | forms.FileField) or isinstance(
        field.widget, forms.Select
    ):
        return gettext("“%(label)s” is missing: choose it.") % {"label": label}
    return gettext("“%(label)s” is missing: fill it in.") % {"label": label}


def _words_of(field: forms.Field | models.Field) -> dict[str, Any]:
    return next((words for kinds, words in _WORDS if isinstance(field, kinds)), {})
