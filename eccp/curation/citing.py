"""The curators' form of citations: each beside what it supports, which is chosen and never typed."""

from functools import cached_property

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from eccp.curation.forms import PartForm, PartFormSet
from eccp.records.labels import fact_name
from eccp.records.models import Citation
from eccp.records.references import citable_fields, citable_parts, key_fields, row_key

Choices = list[tuple[str, str | list[tuple[str, str]]]]


class CitationForm(PartForm):
    """One statement of a source about one field of the record."""

    field = forms.CharField(label=gettext_lazy("Supports"), widget=forms.Select)

    class Meta:
        model = Citation
        fields = ["field"]

    def __init__(self, *args, choices: Choices, labels: dict[str, str], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["field"].widget.choices = choices
        self.labels = labels
        if "source" in self.fields:
            self.fields["source"].required = False
            self.fields["source"].help_text = gettext_lazy("Leave it empty for the source of the citation above.")

    @property
    def group(self) -> tuple[str, str]:
        """Under which heading the citation stands, name and words: what it supported when the page was opened."""
        name = self.initial.get("field", "")
        return name, self.labels.get(name, name)

    @property
    def number(self) -> str:
        """Its place among the forms, as Django's script counts them; ``empty`` for the one new rows are made from."""
        number = self.prefix.rpartition("-")[2]
        return "empty" if number == "__prefix__" else number


class CitationFormSet(PartFormSet):
    """The citations of a record, in the order of what they support."""

    @cached_property
    def choices(self) -> Choices:
        """What can be cited: the record's fields, each of its parts, and each row of a part."""
        model = type(self.instance)
        fields = [(field.name, fact_name(field.name)) for field in citable_fields(model)]
        choices: Choices = [("", "---------"), (_("The record"), fields)]
        for part, owner in citable_parts(model).items():
            title = fact_name(part)
            rows = [(f"{part}.{key}", f"{title}: {label}") for key, label in self._rows(part, owner).items()]
            choices.append((title, [(part, _("%(part)s (all)") % {"part": title}), *rows]))
        return choices

    def _rows(self, part: str, owner) -> dict[str, str]:
        """The rows of a part by key: those stored, and those on their way in the same form."""
        rows = {}
        if self.instance.pk:
            named = [field.name for field in key_fields(owner.model, owner) if field.is_relation]
            stored = getattr(self.instance, part).select_related(*named)
            rows = {row_key(row, owner): str(getattr(row, named[0]) if named else row)[:80] for row in stored}
        for key in self._keys_typed(part, owner) if self.is_bound else ():
            rows.setdefault(key, key)
        return rows

    def _keys_typed(self, part: str, owner) -> list[str]:
        """The keys of the rows of ``part`` that will be there after saving."""
        for formset in self.siblings:
            if formset.fk == owner and formset.is_bound:
                formset.is_valid()
                return [key for form in formset.kept if (key := row_key(form.instance, owner))]
        return []

    @cached_property
    def labels(self) -> dict[str, str]:
        """The words for everything that can be cited."""
        return {name: label for _title, group in self.choices[1:] for name, label in group}

    @property
    def faulty(self) -> set[str]:
        """The headings under which something is to be corrected: they stand open."""
        return {form.group[0] for form in self.forms if form.is_bound and form.errors}

    def get_form_kwargs(self, index):
        return super().get_form_kwargs(index) | {"choices": self.choices, "labels": self.labels}

    def get_queryset(self):
        if not hasattr(self, "_sorted"):
            place = {name: at for at, name in enumerate(self.labels)}
            self._sorted = sorted(
                super().get_queryset(),
                key=lambda row: (place.get(row.field, len(place)), row.line_first or 0, row.key),
            )
        return self._sorted

    def clean(self):
        self._take_source_from_above()
        self._check_what_is_cited()
        super().clean()

    def _take_source_from_above(self) -> None:
        above = None
        for form in self.kept:
            if not form.cleaned_data.get("source") and "source" not in form.errors:
                if above is None:
                    form.add_error("source", _("Choose the source: there is no citation above to take it from."))
                    continue
                form.instance.source = form.cleaned_data["source"] = above
            above = form.cleaned_data.get("source")

    def _check_what_is_cited(self) -> None:
        model = type(self.instance)
        known = {field.name for field in citable_fields(model)}
        for part, owner in citable_parts(model).items():
            known |= {part, *(f"{part}.{key}" for key in self._keys_typed(part, owner))}
        for form in self.kept:
            name = form.cleaned_data.get("field")
            if name and name not in known:
                message = _(
                    "“%(name)s” is not, or no longer, a fact of this record. Choose what the citation supports."
                )
                form.add_error("field", message % {"name": self.labels.get(name, name)})
