"""What the curators' side of every kind of record is made of, and the admin of sources."""

from collections import Counter

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eccp.curation.deciding import ProposalAdmin
from eccp.curation.finding import FindsByName
from eccp.curation.forms import RecordForm
from eccp.curation.history import KeepsHistory
from eccp.curation.importing.admin import ImportAdmin
from eccp.curation.importing.models import Import
from eccp.curation.inlines import ChoosesRecords, PartInline, part_inlines
from eccp.curation.merging.admin import MergerAdmin, MergesRecords
from eccp.curation.merging.distinguishing import DistinctionAdmin, DistinguishesRecords
from eccp.curation.models import Distinction, Merger, Proposal
from eccp.curation.publishing import PublishingAdmin
from eccp.curation.saving import SavesRevisions
from eccp.records.models import Record, RecordModel, Source, record_models

NAMES = ("slug", "name", "native_name", "aliases__name")
TRANSLATIONS = ("name_fr", "name_de", "name_ja")


class RecordChangeList(ChangeList):
    """A list that reads what its rows show of other records in a fixed number of queries."""

    def apply_select_related(self, qs):
        return super().apply_select_related(qs).prefetch_related(*self.model_admin.list_prefetch_related)


class RecordAdmin(
    ChoosesRecords, FindsByName, SavesRevisions, KeepsHistory, MergesRecords, DistinguishesRecords, PublishingAdmin
):
    """The base of the admin of every kind of record: a kind says where its fields stand, the rest follows.

    The fields stand under headings that say what they are about; the rows that belong to a record follow
    from its ``parts``.
    """

    form = RecordForm
    change_list_template = "admin/curation/change_list.html"
    search_fields = NAMES
    prepopulated_fields = {"slug": ("name",)}
    list_per_page = 50
    list_max_show_all = 500
    show_full_result_count = False
    save_on_top = True

    #: Where the kind's own fields stand. Those of ``what`` follow the names that every record has.
    what: tuple = ()
    who: tuple = ()
    where: tuple = ()
    when: tuple = ()
    evidence: tuple = ()
    #: How parts of the kind's own are laid out, where a table won't do.
    layouts: dict[str, type[PartInline]] = {}
    #: What tells records of one name apart where one is chosen: attributes, methods or related records.
    told_apart_by: tuple[str, ...] = ()
    #: Which of these are other records, to be read for all choices at once.
    label_lookups: tuple[str, ...] = ()
    list_columns: tuple = ()
    list_filters: tuple = ()
    list_prefetch_related: tuple[str, ...] = ()
    #: Kinds of record that are often added next, each with the field by which they name this one.
    followed_by: tuple[tuple[type[RecordModel], str], ...] = ()
    #: Fields whose value is the same for every record of this admin.
    given: dict = {}

    def get_fieldsets(self, request, obj=None):
        groups = [
            (_("What it is"), ("name", "native_name", "slug", *self.what, "summary")),
            (_("Who"), self.who),
            (_("Where"), self.where),
            (_("When"), self.when),
            (_("Evidence"), (*self.evidence, ("verified_on", "review_due_on"))),
            (_("Publication"), ("status", ("version", "changed_at"))),
        ]
        if obj and self.has_change_permission(request, obj):
            groups.append((_("This change"), ("reason",)))
        return [(title, {"fields": fields}) for title, fields in groups if fields]

    def get_readonly_fields(self, request, obj=None):
        return ("status", "version", "changed_at", *super().get_readonly_fields(request, obj))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["next_steps"] = [] if obj is None else list(self._next_steps(request, obj))
        context["refused"], context["errors"] = context.get("errors"), None
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _next_steps(self, request, record: Record):
        """The forms of what is often added next, each of which names this record already."""
        for model, field in self.followed_by:
            opts = model._meta
            if request.user.has_perm(f"{opts.app_label}.add_{opts.model_name}"):
                address = reverse(f"admin:{opts.app_label}_{opts.model_name}_add")
                yield gettext("Add %s") % opts.verbose_name, f"{address}?{field}={record.pk}"

    def get_list_display(self, request):
        return ("name", *self.list_columns, "status", "verified_on", "review_due_on")

    def get_list_filter(self, request):
        return ("publication_status", *self.list_filters)

    def get_changelist(self, request, **kwargs):
        return RecordChangeList

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else super().get_prepopulated_fields(request, obj)

    @admin.display(description=_("status"), ordering="publication_status")
    def status(self, obj):
        """The publication status, and for a withdrawn record when and why."""
        said = obj.get_publication_status_display()
        return f"{said}, {obj.withdrawn_on}: {obj.withdrawal_reason}" if obj.withdrawn_on else said

    def choice_label(self, record: Record) -> str:
        """What a curator reads where this record is to be chosen."""
        details = [detail for name in self.told_apart_by if (detail := _detail(record, name))]
        if not record.is_published:
            details.append(record.get_publication_status_display())
        names = f"{record.name} {record.native_name}".strip()
        return f"{names} ({', '.join(details)})" if details else names

    def get_inlines(self, request, obj):
        return part_inlines(self.model, self.layouts)

    def get_inline_instances(self, request, obj=None):
        inlines = super().get_inline_instances(request, obj)
        counts = Counter(obj.citations.values_list("field", flat=True)) if obj and obj.pk else {}
        for inline in inlines:
            inline.citation_counts = counts
        return inlines

    def get_form(self, request, obj=None, change=False, **kwargs):
        made = super().get_form(request, obj, change, **kwargs)
        made.given = self.given
        return made

    def _create_formsets(self, request, obj, change):
        formsets, inlines = super()._create_formsets(request, obj, change)
        for formset in formsets:
            formset.siblings = formsets
        return formsets, inlines

    def view_on_site(self, obj):
        """The public page, as soon as there is one."""
        return obj.get_absolute_url() or None if obj.is_published else None


def _detail(record: Record, name: str) -> str:
    """What one attribute, method or relation of a record says in a label."""
    value = getattr(record, name)
    if hasattr(value, "all"):
        return ", ".join(_short(other) for other in value.all())
    if isinstance(value, Record):
        return _short(value)
    return str((value() if callable(value) else value) or "")


def _short(record: Record) -> str:
    """A record as a detail of another: its code where its id is one, else its name."""
    return record.slug if record.slug.isupper() and len(record.slug) <= 3 else record.name


class KindFilter(admin.SimpleListFilter):
    """Records of one kind."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request, model_admin):
        return sorted((kind, model._meta.verbose_name) for kind, model in record_models().items())

    def queryset(self, request, queryset):
        return queryset.filter(record_kind=self.value()) if self.value() in record_models() else queryset


@admin.register(Record)
class AnyRecordAdmin(FindsByName, PublishingAdmin):
    """All records in one list: to find one whose kind is not known, and to publish many. Each is edited as its kind."""

    search_fields = NAMES
    list_display = ("name", "kind_label", "publication_status", "verified_on", "review_due_on", "changed_at")
    list_filter = ("publication_status", KindFilter)
    list_per_page = 50
    ordering = ("record_kind", "slug")
    label_lookups = ()

    def has_add_permission(self, request):
        return False

    def choice_label(self, record: Record) -> str:
        """Name and kind: that is all the common table knows."""
        status = "" if record.is_published else f", {record.get_publication_status_display()}"
        return f"{record.name} ({record.kind_label} {record.slug}{status})"

    def change_view(self, request, object_id, form_url="", extra_context=None):
        return self._as_its_kind(request, object_id, "change")

    def history_view(self, request, object_id, extra_context=None):
        return self._as_its_kind(request, object_id, "history")

    def _as_its_kind(self, request, object_id: str, page: str) -> HttpResponseRedirect:
        record = get_object_or_404(Record, pk=object_id if object_id.isdecimal() else None)
        model = record_models()[record.record_kind]
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=[record.pk])
        return HttpResponseRedirect(f"{address}{query}")


admin.site.register(Proposal, ProposalAdmin)
admin.site.register(Merger, MergerAdmin)
admin.site.register(Distinction, DistinctionAdmin)


@admin.register(Source)
class SourceAdmin(RecordAdmin):
    what = ("document_version", "document_url", "licence")
    who = ("publisher",)
    when = ("dated", "consulted_on")
    evidence = (("cited_through", "footnote"),)
    told_apart_by = ("publisher", "dated")
    list_columns = ("publisher", "dated", "cited_through", "consulted_on")
    list_filters = ("publisher",)
    list_select_related = ("cited_through",)


admin.site.register(Import, ImportAdmin)
