"""The curators' forms: every rule of the database said in words beside the form, before the database refuses."""

from collections import Counter
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteMixin, AutocompleteSelect, AutocompleteSelectMultiple
from django.utils.html import format_html
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from eccp.curation.reasons import LONGEST, SHORTEST, SHORTEST_JAPANESE
from eccp.curation.wording import SaysWhatToDo
from eccp.records.dates import PartialDateField
from eccp.records.models import Record
from eccp.records.references import owners

_LONGEST_KEY = 18  # digits; with more, SQLite would not even say that there is no such record


def _key(text: str) -> str:
    return text if len(text) <= _LONGEST_KEY else "0"  # which is no record's


class _RecordChoice(AutocompleteMixin):
    """Shows what is chosen under the same label as the list of choices."""

    #: Records the form has already read, by their number: a page of rows needs no query for each.
    at_hand: dict[str, Record] = {}

    def value_from_datadict(self, data, files, name):
        value = super().value_from_datadict(data, files, name)
        return [*map(_key, value)] if isinstance(value, list) else value and _key(value)

    def optgroups(self, name, value, attrs=None):
        chosen = [text for text in map(str, value) if text.isdecimal()]
        records = {key: self.at_hand[key] for key in chosen if key in self.at_hand}
        if missing := [key for key in chosen if key not in records]:
            found = self.admin_site.with_labels(self.choices.queryset.filter(pk__in=missing))
            records |= {str(record.pk): record for record in found}
        options = [] if self.is_required or self.allow_multiple_selected else [("", "")]
        options += [(key, self.admin_site.choice_label(records[key])) for key in chosen if key in records]
        made = [
            self.create_option(name, key, label, bool(key), index) for index, (key, label) in enumerate(options)
        ]  # fmt: skip
        return [(None, made, 0)]


class RecordSelect(_RecordChoice, AutocompleteSelect):
    """The choice of one record."""


class RecordSelectMultiple(_RecordChoice, AutocompleteSelectMultiple):
    """The choice of any number of records; each has its own cross, so none takes all away at once."""

    def build_attrs(self, base_attrs, extra_attrs=None):
        return super().build_attrs(base_attrs, extra_attrs) | {"data-allow-clear": "false"}


class CheckedForm(SaysWhatToDo, forms.ModelForm):
    """A form that asks every constraint of its model, also those about what nobody types."""

    def _get_validation_exclusions(self):
        # Django leaves out whatever isn't in the form, and with it every constraint that reads it: the days a
        # date covers, the kind of record, the record itself.
        left_out = {name for name in super()._get_validation_exclusions() if name in self.fields}
        dates = {
            field.name for field in self.instance._meta.concrete_fields if isinstance(field, PartialDateField)
        } & left_out.intersection(self.errors)
        return left_out | {f"{name}_{edge}" for name in dates for edge in ("first", "last")}


class RecordForm(CheckedForm):
    """The form of a whole record."""

    #: Fields whose value the admin gives, such as the kind of a cluster.
    given: dict[str, Any] = {}
    #: What the form was opened at, and why it was refused before: the admin gives it.
    opening: Any = None
    seen_version = forms.CharField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._say_about_reason()
        self.instance.record_kind = self.instance._word_for_kind()
        for name, value in self.given.items():
            setattr(self.instance, name, value)
        if self.instance.pk:
            self.initial["seen_version"] = self.opening.token
            self._count_citations()

    def _say_about_reason(self) -> None:
        if self.opening.proposal:
            self.initial["reason"] = self.opening.proposal.reason
        if self.instance.is_published:
            shortest = {"shortest": SHORTEST, "japanese": SHORTEST_JAPANESE}
            self.fields["reason"].help_text = (
                _(
                    "What the public will read of this change, in at least %(shortest)d characters (%(japanese)d in "
                    "Japanese script)."
                )
                % shortest
            )
        elif self.instance.pk:
            self.fields["reason"].help_text = _("A few words that stay in the record’s history.")
        else:
            self.fields["reason"].help_text = _("A new record needs no reason.")

    def _count_citations(self) -> None:
        """Say beside each field how many citations support it, and lead to them."""
        cited = Counter(self.instance.citations.values_list("field", flat=True))
        for name, field in self.fields.items():
            if number := cited[name]:
                words = ngettext("%d citation", "%d citations", number) % number
                link = format_html('<a class="cited" href="#cited-{}">{}</a>', name, words)
                field.help_text = format_html("{} {}", field.help_text, link)

    def clean(self):
        cleaned = super().clean()
        for name, messages in self.opening.refusal.items():
            self.add_error(name or None, messages)
        return cleaned


class PartForm(CheckedForm):
    """The form of one row that belongs to a record."""

    def __init__(self, *args, owner: Record, **kwargs):
        self.owner = owner
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            # In a table the heading of the column is no label of the field.
            widget = getattr(field.widget, "widget", field.widget)
            widget.attrs.setdefault("aria-label", capfirst(field.label))
            if isinstance(widget, _RecordChoice) and self.instance._meta.get_field(name).is_cached(self.instance):
                record = getattr(self.instance, name)
                widget.at_hand = {str(record.pk): record} if record else {}
        if "key" in self.fields:
            self.fields["key"].required = False
            self.fields["key"].help_text = _("How citations name it; leave it empty and one is made.")


class PartFormSet(forms.BaseInlineFormSet):
    """The rows of one part of a record."""

    #: The forms of the record's other parts, once they are made.
    siblings: list[forms.BaseInlineFormSet] = []
    #: The fields of which the first that is filled gives a row its key.
    key_from: tuple[str, ...] = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.is_bound:
            self._keep_rows_that_are_gone()

    def _keep_rows_that_are_gone(self) -> None:
        """What was typed in a row that somebody else has deleted since is no less typed: it becomes a new row."""
        pk, counted = f"-{self.model._meta.pk.name}", f"{self.prefix}-INITIAL_FORMS"
        shown = {key: value for key, value in self.data.items() if key.startswith(f"{self.prefix}-")}
        if not str(shown.get(counted, "")).isdecimal():
            return
        there = {str(key) for key in self.queryset.order_by().values_list("pk", flat=True)}
        before = range(int(shown[counted]))
        kept = [n for n in before if shown.get(f"{self.prefix}-{n}{pk}") in there]
        gone = [n for n in before if n not in kept]
        if not gone:
            return
        data = self.data.copy()
        for place, n in enumerate([*kept, *gone]):
            for key in list(shown):
                if key.startswith(f"{self.prefix}-{n}-"):
                    name = key.removeprefix(f"{self.prefix}-{n}")
                    data.setlist(f"{self.prefix}-{place}{name}", self.data.getlist(key))
            if n in gone:
                data[f"{self.prefix}-{place}{pk}"] = ""
        data[counted] = str(len(kept))
        self.data = data

    def get_form_kwargs(self, index):
        return super().get_form_kwargs(index) | {"owner": self.instance}

    def _construct_form(self, i, **kwargs):
        form = super()._construct_form(i, **kwargs)
        row = form.instance
        setattr(row, self.fk.name, self.instance)  # read already: no row need ask for its record
        if any(field.name == "record_kind" for field in row._meta.concrete_fields):
            row.record_kind = self.instance._word_for_kind()
        return form

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = form.fields["DELETE"].label

    @property
    def kept(self) -> list[PartForm]:
        """The forms of the rows that will be there after saving."""
        return [
            form
            for form in self.forms
            if hasattr(form, "cleaned_data")
            and not (self.can_delete and self._should_delete_form(form))
            and (form.has_changed() or form.instance.pk)
        ]

    def clean(self):
        if any(field.name == "key" and field.editable for field in self.model._meta.concrete_fields):
            self._make_keys()
        super().clean()

    def get_unique_error_message(self, unique_check):
        said = [
            capfirst(self.model._meta.get_field(name).verbose_name) for name in unique_check if name != self.fk.name
        ]
        return gettext("Two rows say the same (%(fields)s). Change one of them, or delete it.") % {
            "fields": ", ".join(map(str, said))
        }  # fmt: skip

    def get_form_error(self):
        return gettext("A row above says the same. Change one of them, or delete it.")

    def _make_keys(self) -> None:
        taken = {form.instance.key for form in self.kept if form.instance.key}
        for form in self.kept:
            if form.instance.key or "key" in form.errors:
                continue
            said = next((text for name in self.key_from if (text := form.cleaned_data.get(name))), "")
            stem = slugify(str(said))[:50].strip("-") or self.model._meta.model_name
            key = next(key for n in range(1, len(taken) + 2) if (key := f"{stem}-{n}" if n > 1 else stem) not in taken)
            taken.add(key)
            form.instance.key = form.cleaned_data["key"] = key


def part_of(model: type[Record], formset: forms.BaseInlineFormSet) -> str:
    """The part of a record whose rows a formset holds."""
    return next(part for part, owner in owners(model).items() if owner == formset.fk)
