"""What a publisher is asked before two records become one."""

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from eccp.curation.merging.fields import Disagreement, seen_version
from eccp.curation.reasons import LONGEST, check_reason
from eccp.curation.wording import SaysWhatToDo
from eccp.records.labels import fact_name
from eccp.records.models import Record, RecordModel


class ReasonForm(SaysWhatToDo, forms.Form):
    """Why two records become one, or two again."""

    reason = forms.CharField(
        label=_("Reason"), max_length=LONGEST, validators=[check_reason], widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The public reads it in the history of every record that changes."),
    )  # fmt: skip


class MergeForm(ReasonForm):
    """For each field in which two records differ the choice between them, side by side."""

    def __init__(self, data, *, winner: RecordModel, loser: RecordModel, found: list[Disagreement]):
        super().__init__(data)
        self.fields["seen"] = forms.CharField(widget=forms.HiddenInput, initial=seen_version(winner, loser))
        names = _names(found)
        for one in found:
            options = [(side, _shown(one, getattr(one, side), names)) for side in ("winner", "loser")]
            if one.is_several:
                options.append(("both", _("Both together")))
            self.fields[one.field.name] = forms.ChoiceField(
                label=fact_name(one.field.name), choices=options, initial=one.suggestion,
                widget=forms.RadioSelect(attrs={"class": "merge-choice"}),
            )  # fmt: skip
        self.order_fields([*(one.field.name for one in found), "reason"])

    @property
    def choices(self) -> dict[str, str]:
        """For each field whose value stays."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("reason", "seen")}


def _names(found: list[Disagreement]) -> dict[int, str]:
    """The names of all records that stand to choice, read at once."""
    keys: set[int] = set()
    for one in found:
        for value in (one.winner, one.loser):
            if one.field.is_relation and value:
                keys.update(value if one.is_several else [value])
    return dict(Record.objects.filter(pk__in=keys).values_list("pk", "name"))


def _shown(one: Disagreement, value, names: dict[int, str]) -> str:
    """A value as a curator reads it."""
    if value in (None, "") or value == frozenset():
        return _("– (nothing)")
    if one.is_several:
        return "; ".join(sorted(names[key] for key in value))
    if one.field.is_relation:
        return names[value]
    if isinstance(one.field, models.BooleanField):
        return _("yes") if value else _("no")
    return str(dict(one.field.flatchoices).get(value, value))
