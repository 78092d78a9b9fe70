"""The page of one record, its JSON, and what stands at the address of a record that is not public."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from eccp.listing import files
from eccp.listing.addresses import record_path, with_query
from eccp.listing.belongings import belongings
from eccp.listing.columns import DayWord, is_known
from eccp.listing.directory import Directory, Ref
from eccp.listing.history import Event, public_history, was_never_public
from eccp.listing.index import index
from eccp.listing.listings import Listing
from eccp.listing.question import Question
from eccp.listing.refusing import problem_details, refusal, strangers
from eccp.listing.related import by_aspect
from eccp.listing.views import of_day, today
from eccp.records.evidence import Evidence
from eccp.records.models import OldSlug, Record, evidence_parts
from eccp.records.nothing import has_nothing, know_nothings
from eccp.records.vocabulary import PublicationStatus

#: Columns that stand in the heading of every record's page, or are told by its frame.
IN_HEADING = frozenset({"id", "title", "name", "native_name", "aliases", "url", "source_count", "verified_on"})


class DetailView(View):
    """The page of one record, or its JSON; what it shows of others is published too."""

    listing: type[Listing] = None
    template_name = ""
    #: Columns that the page shows elsewhere than among its facts.
    left_out: frozenset[str] = frozenset()
    #: Columns that say something only where they hold a value: being part of nothing is not “not known”.
    optional: frozenset[str] = frozenset()
    #: The fields whose citations support a column, where they are called otherwise than the column.
    cited: dict[str, tuple[str, ...]] = {}

    def get(self, request: HttpRequest, slug: str, form: str = "") -> HttpResponse:
        snapshot = index.snapshot(self.listing)
        asked = request.GET.copy()
        for name in {*asked} - {"as_of"}:
            del asked[name]
        question = Question(snapshot, asked, today())
        if problems := question.problems | strangers(request.GET, "as_of"):
            return refusal(request, problems, is_data=bool(form), listing=self.listing)
        if snapshot.find(slug) is None:
            return self.elsewhere(request, slug, form)
        record = get_object_or_404(self.get_queryset(question.on), **self.lookup(slug))
        has_evidence = isinstance(record, Record)
        if has_evidence:
            know_nothings(record)
            models.prefetch_related_objects([record], *evidence_parts(), *self.get_parts())
        if form:
            return self.json(question, slug, record)
        day_query = with_query("", of_day(question.on))
        called = self.called(record, snapshot.row(snapshot.find(slug)).ref)
        context = {
            "record": record,
            "listing": self.listing,
            "public_id": slug,
            "called": called,
            "cited_as": files.cited_as(question, called, record_path(self.listing.name, slug)),
            "on": question.on,
            "day_query": day_query,
            "json_url": with_query(f"/{self.listing.name}/{slug}.json", question.pairs),
            "directory": snapshot.directory,
            "facts": self.facts(question, slug, day_query),
            "evidence": Evidence(record) if has_evidence else None,
            "aspects": by_aspect(record) if has_evidence else [],
            "history": self.history(record) if has_evidence else (),
        }
        return render(request, self.template_name, context | self.get_context(record, question.on))

    def lookup(self, slug: str) -> dict[str, str]:
        """How the record is found by its public id."""
        return {"slug": slug}

    def get_queryset(self, on: date) -> models.QuerySet:
        """The public records with what their page shows on the day ``on`` besides the row of their list."""
        return self.listing.queryset.model.objects.published()

    def called(self, record, ref: Ref) -> str:
        """What the page is called when it is cited."""
        return ref.label

    def get_parts(self) -> Iterable[models.Prefetch | str]:
        """What the page shows of rows that belong to the record; they are read where there are any."""
        return ()

    @staticmethod
    def history(record: Record) -> Iterable[Event]:
        """What happened to the record in public."""
        return () if has_nothing(record, "revisions") else public_history([record.pk]).get(record.pk, ())

    def get_context(self, record, on: date) -> dict[str, Any]:
        """What the template needs besides the record."""
        return {}

    def facts(self, question: Question, slug: str, day_query: str) -> list[dict[str, Any]]:
        """The columns of the record's row, each with the fields under which its sources are cited."""
        columns = [column for column in self.listing.columns if column.name not in IN_HEADING | self.left_out]
        (row,) = question.cells(columns, [question.snapshot.find(slug)])
        language = get_language()
        return [
            {
                "column": column,
                "html": mark_safe(column.html(value, language, day_query)) if is_known(value) else "",  # noqa: S308 - escaped by the column
                "is_last_known": isinstance(column, DayWord) and value in column.last_known,
                "fields": self.cited.get(column.name, (column.name,)),
            }
            for column, value in zip(columns, row, strict=True)
            if column.name not in self.optional or is_known(value)
        ]

    def json(self, question: Question, slug: str, record) -> HttpResponse:
        """Every column of the record, the ids of what it names included, and the facts that belong to it."""
        columns = list(question.snapshot.columns.values())
        (row,) = question.cells(columns, [question.snapshot.find(slug)])
        body = {column.name: column.json(value) for column, value in zip(columns, row, strict=True)}
        body |= self.belongings(record, question.snapshot.directory)
        body |= {"as_of": question.on.isoformat(), "licence": files.LICENCE}
        return JsonResponse(body, json_dumps_params={"ensure_ascii": False})

    def belongings(self, record, directory: Directory) -> dict[str, list[dict[str, Any]]]:
        """The facts that belong to the record; a row that is part of one has none of its own."""
        return belongings(record, directory) if isinstance(record, Record) else {}

    def elsewhere(self, request: HttpRequest, slug: str, form: str) -> HttpResponse:
        """The answer for what is not public: moved, withdrawn, or as if it did not exist."""
        public_once = Record.objects.filter(
            record_kind=self.listing.kind(),
            publication_status__in=[PublicationStatus.PUBLISHED, PublicationStatus.WITHDRAWN],
        )
        old = OldSlug.objects.filter(record_kind=self.listing.kind(), slug=slug)
        moved = old.filter(record__in=public_once).select_related("record").first()
        if moved:
            new = record_path(self.listing.name, moved.record.slug)
            path = f"{new.rstrip('/')}.json" if form else new
            return HttpResponsePermanentRedirect(with_query(path, list(request.GET.items())))
        record = public_once.withdrawn().filter(slug=slug).first()
        # What was merged into a draft waits for it, and is no more public once its old id is gone.
        if record is None or old.exists() or was_never_public(record):
            if form:
                return problem_details(404, _("There is no such record."))
            raise Http404
        if form:
            said = {"withdrawn_on": [record.withdrawn_on.isoformat()], "reason": [record.withdrawal_reason]}
            return problem_details(410, _("This record was withdrawn."), said)
        context = {"record": record, "listing": self.listing, "history": public_history([record.pk]).get(record.pk, ())}
        return render(request, "listing/withdrawn.html", context, status=410)
