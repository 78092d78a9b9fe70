"""The curators' forms: every rule of the database said in words beside the form, before the database refuses."""

from collections import Counter
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteMixin, AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from eccp.records.dates import PartialDateField
from eccp.records.models import Record
from eccp.records.references import owners


class _RecordChoice(AutocompleteMixin):
    """Shows what is chosen under the same label as the list of choices."""

    #: Records the form has already read, by their number: a page of rows needs no query for each.
    at_hand: dict[str, Record] = {}

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


class CheckedForm(forms.ModelForm):
    """A form that asks every constraint of its model, also those about what nobody types."""

    @property
    def record(self) -> Record:
        """The record that the form is about, or whose row it is."""
        return self.instance

    def _get_validation_exclusions(self):
        # Django leaves out whatever isn't in the form, and with it every constraint that reads it: the days a
        # date covers, the kind of record, the record itself.
        left_out = {name for name in super()._get_validation_exclusions() if name in self.fields}
        dates = {
            field.name for field in self.instance._meta.concrete_fields if isinstance(field, PartialDateField)
        } & left_out.intersection(self.errors)
        return left_out | {f"{name}_{edge}" for name in dates for edge in ("first", "last")}

    def clean(self):
        cleaned = super().clean()
        if self.record.is_published:
            for name, chosen in list(self.cleaned_data.items()):
                self._check_public(name, chosen)
        return cleaned

    def _check_public(self, name: str, chosen: Any) -> None:
        """A public record must not name one that is not."""
        is_many = isinstance(self.fields.get(name), forms.ModelMultipleChoiceField)
        records = chosen if is_many else [chosen] if isinstance(chosen, Record) and chosen is not self.record else ()
        if hidden := [record.name for record in records if not record.is_published]:
            self.add_error(
                name,
                ValidationError(
                    _("This record is public and cannot name what is not: %(names)s. Publish that first."),
                    params={"names": "; ".join(hidden)},
                ),
            )


class RecordForm(CheckedForm):
    """The form of a whole record."""

    #: Fields whose value the admin gives, such as the kind of a cluster.
    given: dict[str, Any] = {}
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.record_kind = self.instance._word_for_kind()
        for name, value in self.given.items():
            setattr(self.instance, name, value)
        if self.instance.pk:
            self.initial["seen_version"] = self.instance.version
            self._count_citations()

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
        if self.instance.pk:
            # The row is held until this save is done, so that the next one sees what it stored.
            held = Record.objects.select_for_update().values_list("version", flat=True)
            if held.get(pk=self.instance.pk) != cleaned.get("seen_version"):
                raise ValidationError(
                    _(
                        "Somebody else has saved this record since you opened it, so nothing was stored. What you "
                        "typed still stands here: open the record in a second window, see what changed, and enter "
                        "there what is missing."
                    ),
                    code="overtaken",
                )
        return cleaned


class PartForm(CheckedForm):
    """The form of one row that belongs to a record."""

    @property
    def record(self) -> Record:
        return self.owner

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
