"""What a curator gives to an import: the list, the file and the reason."""

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from eccp.curation.importing import running, tables
from eccp.curation.importing.bindings import Subject, bind, importable
from eccp.curation.importing.refusals import RefusedError
from eccp.curation.reasons import LONGEST, check_reason
from eccp.curation.wording import SaysWhatToDo


class UploadForm(SaysWhatToDo, forms.Form):
    """A file to be checked. A file whose header is not understood is refused at once."""

    listing = forms.ChoiceField(label=_("List"), help_text=_("The list from which the columns come."))
    file = forms.FileField(label=_("File"))
    encoding = forms.ChoiceField(
        label=_("Encoding of a CSV"), required=False,
        choices=[("", _("as the file says itself")), *tables.ENCODINGS.items()],
        help_text=_("Only needed where the file does not say it and could be read in two ways."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reason"), max_length=LONGEST, validators=[check_reason],
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Stays with every record that the file changes; the public reads it where a public one changes."),
    )  # fmt: skip

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["listing"].choices = choices(user)
        # Filled in here: where the class is made nobody knows the curator's language.
        self.fields["file"].help_text = _(
            "CSV or XLSX as exported from the list, at most %(rows)d rows and %(bytes)d MB. Rows are known by their "
            "id; a new id makes a new draft. Columns that are not there stay as they are."
        ) % {"rows": tables.MOST_ROWS, "bytes": tables.MOST_BYTES >> 20}

    def clean_file(self):
        upload = self.cleaned_data["file"]
        if upload.size > tables.MOST_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(most)d MB. Import it in parts."), params={"most": tables.MOST_BYTES >> 20}
            )
        return upload

    def clean(self):
        cleaned = super().clean()
        if {"file", "listing", "encoding"} <= set(cleaned):
            try:
                table = tables.read(self.content, sheet=cleaned["listing"], encoding=cleaned["encoding"])
                bind(Subject.of(importable()[cleaned["listing"]]), table.headers)
            except RefusedError as problem:
                for said in str(problem).split("\n"):
                    self.add_error("file", said)
            else:
                if not table.lines:
                    self.add_error("file", _("The file has no rows below its header."))
                self.rows = len(table.lines)
        return cleaned

    @cached_property
    def content(self) -> bytes:
        return self.cleaned_data["file"].read()


def choices(user) -> list[tuple[str, str]]:
    """The lists that somebody may import."""
    return [(name, listing.title) for name, listing in importable().items() if any(running.may(user, name).values())]
