"""The views of a list: its page, its files and its JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import ngettext
from django.views.generic import View

from eccp.listing import files
from eccp.listing.addresses import absolute, below, crosstab_path, file_path, list_path, with_query
from eccp.listing.columns import Cell, Column, DayWord
from eccp.listing.directory import Ref
from eccp.listing.index import index
from eccp.listing.listings import Listing
from eccp.listing.question import Question
from eccp.listing.refusing import problem_details, refusal
from eccp.records.dates import PartialDate

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def today() -> date:
    """The day in Europe/Brussels: read here, at the edge, and handed down as an argument."""
    return timezone.localdate()


def of_day(on: date) -> list[tuple[str, str]]:
    """The word that asks any page for the day ``on``; today goes without saying."""
    return [("as_of", on.isoformat())] if on != today() else []


class ListingView(View):
    """Base of what answers for a list; ``listing`` is given by ``urls``."""

    listing: type[Listing] = None
    #: Controls this answer refuses.
    refused: frozenset[str] = frozenset()
    form = ""

    def get(self, request: HttpRequest) -> HttpResponse:
        question = self.ask(request)
        if question.redirect_pairs is not None:
            return HttpResponsePermanentRedirect(with_query(request.path, question.redirect_pairs))
        if question.problems:
            return self.refuse(question)
        return self.answer(question)

    def ask(self, request: HttpRequest) -> Question:
        """The question that the address asks."""
        return Question(index.snapshot(self.listing), request.GET, today(), refused=self.refused)

    def answer(self, question: Question) -> HttpResponse:
        raise NotImplementedError

    def refuse(self, question: Question) -> HttpResponse:
        raise NotImplementedError

    def page_bounds(self, question: Question) -> tuple[int, int, int, int]:
        """Page, number of pages, first and last row; Http404 past the end."""
        controls = question.controls.cleaned_data
        page, size = controls["page"], controls["per_page"]
        pages = max(1, -(-question.count // size))
        if page > pages:
            said = ngettext("This list has %(pages)d page.", "This list has %(pages)d pages.", pages)
            raise Http404(said % {"pages": pages})
        return page, pages, (page - 1) * size, min(page * size, question.count)


class ListPage(ListingView):
    """The list as a page."""

    refused = frozenset({"bom"})

    def answer(self, question):
        page, pages, first, last = self.page_bounds(question)
        shown = question.window(first, last)
        sort = question.controls.cleaned_data["sort"] or self.listing.default_sort
        context = {
            "first": first + 1,
            "last": last,
            "page": page,
            "pages": pages,
            "previous_url": self.page_url(question, page - 1) if page > 1 else "",
            "next_url": self.page_url(question, page + 1) if page < pages else "",
            "headers": [header(question, column, sort) for column in question.shown_columns],
            "columns": question.shown_columns,
            "day_query": with_query("", of_day(question.on)),
            "rows": table_rows(question, question.shown_columns, shown),
            "downloads": [(form.upper(), question.file_url(form)) for form in ("csv", "xlsx", "json")],
            "feed_url": question.file_url("atom"),
            "crosstab_url": self.crosstab_url(question),
            "cited_as": files.cited_as(question, question.sentence, list_path(self.listing.name)),
        }
        return self.page(question, context)

    def refuse(self, question):
        return self.page(question, {"rows": [], "headers": []}, status=400)

    def page(self, question: Question, context: dict, status: int = 200) -> HttpResponse:
        template = "listing/_results.html" if is_partial(self.request) else "listing/page.html"
        context |= {
            "listing": self.listing,
            "question": question,
            "fields": fields(question),
            "problems": problems(question),
            "kept": kept(question) if question.problems else [],
        }
        return render(self.request, template, context, status=status)

    @staticmethod
    def crosstab_url(question: Question) -> str:
        """The same question to be counted by two of its words."""
        pairs = [pair for pair in question.pairs if pair[0] not in ("sort", "columns")]
        return with_query(crosstab_path(question.listing.name), pairs)

    @staticmethod
    def page_url(question: Question, page: int) -> str:
        size = question.controls.cleaned_data["per_page"]
        more = {"per_page": str(size)} if "per_page" in question.data else {}
        return question.url(page=str(page), **more)


def is_partial(request: HttpRequest) -> bool:
    """Whether only the results are asked for, to be put in place of the old ones."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def header(question: Question, column: Column, sort: str) -> dict[str, Any]:
    """A column's heading with the address that sorts by it."""
    is_sorted = sort.removeprefix("-") == column.name
    is_descending = is_sorted and sort.startswith("-")
    turned = f"-{column.name}" if is_sorted and not is_descending else column.name
    return {
        "column": column,
        "url": question.url(sort=turned),
        "aria_sort": ("descending" if is_descending else "ascending") if is_sorted else "",
    }


@dataclass(frozen=True)
class TableRow:
    """A row as a table shows it: its address, its cells, and the day it was checked."""

    id: str
    url: str
    ref: Ref
    cells: list[Cell]
    verified_on: PartialDate | None


def table_rows(question: Question, columns: list[Column], positions: list[int]) -> list[TableRow]:
    """The rows at ``positions`` with their cells of ``columns``."""
    is_dated = any(isinstance(column, DayWord) for column in columns)  # only such cells say when they were checked
    checked = question.snapshot.columns.get("verified_on") if is_dated else None
    path, suffix = list_path(question.listing.name), of_day(question.on)
    return [
        TableRow(
            row.id,
            with_query(below(path, row.id), suffix),
            row.ref,
            cells,
            row.cell(checked) if checked else None,
        )
        for row, cells in question.table(columns, positions)
    ]


def fields(question: Question) -> list[dict[str, Any]]:
    """The words that are typed rather than chosen, with what was typed and what is wrong with it."""
    typed = []
    for name, word in question.filterset.filters.items():
        if not word.is_choice:
            values = question.data.getlist(name)
            typed.append(
                {
                    "name": name,
                    "label": word.label,
                    "help": word.extra.get("help_text", ""),
                    "value": values[-1] if values else "",
                    "errors": question.problems.get(name, ()),
                }
            )
    return typed


def problems(question: Question) -> list[dict[str, Any]]:
    """What is wrong with a question, by word, with the way to its field or to the question without it."""
    typed = {name for name, word in question.filterset.filters.items() if not word.is_choice}
    return [
        {
            "name": name,
            "label": question.filterset.filters[name].label if name in question.filterset.filters else "",
            "texts": texts,
            "field": f"word-{name}" if name in typed else "",
            "without_url": question.url(without=name),
        }
        for name, texts in question.problems.items()
    ]


def kept(question: Question) -> list[tuple[str, str]]:
    """What of a bad question is chosen and good, to be asked again once the rest is put right."""
    words = question.filterset.filters
    return [
        (name, value)
        for name, value in question.pairs
        if name not in question.problems and (name not in words or words[name].is_choice)
    ]


def as_attachment(question: Question, form: str, *words: str) -> str:
    """The header by which a file is stored under the name of its list and the day of which it tells."""
    name = "-".join((question.listing.name, *words, question.on.isoformat()))
    return content_disposition_header(True, f"{name}.{form}")


class ListFile(ListingView):
    """The whole answer as a file."""

    refused = frozenset({"page", "per_page"})
    content_type = ""

    def blocks(self, question: Question, url: str) -> Iterator[bytes]:
        raise NotImplementedError

    def answer(self, question):
        question.settle()
        is_asked = self.request.method != "HEAD"
        blocks = self.blocks(question, question.file_url(self.form)) if is_asked else ()
        response = StreamingHttpResponse(blocks, content_type=self.content_type)
        response["Content-Disposition"] = as_attachment(question, self.form)
        response["X-Row-Count"] = str(question.count)
        return response

    def refuse(self, question):
        lines = [f"{name}: {text}" for name, texts in question.problems.items() for text in texts]
        return HttpResponse("\n".join(lines) + "\n", status=400, content_type="text/plain; charset=utf-8")


class ListCsv(ListFile):
    """The whole answer as CSV."""

    form, content_type = "csv", "text/csv; charset=utf-8; header=present"

    def blocks(self, question, url):
        return files.csv_blocks(question)

    def answer(self, question):
        response = super().answer(question)
        described = with_query(file_path(self.listing.name, "csv-metadata.json"), question.pairs)
        response["Link"] = f'<{absolute(described)}>; rel="describedby"; type="application/csvm+json"'
        return response


class ListXlsx(ListFile):
    """The whole answer as a workbook."""

    form, content_type = "xlsx", XLSX_TYPE
    refused = ListFile.refused | {"bom"}

    def blocks(self, question, url):
        return files.xlsx(question, files.about(question, url))


class ListJson(ListingView):
    """One page of the answer as JSON."""

    form = "json"
    refused = frozenset({"bom"})

    def answer(self, question):
        page, pages, first, last = self.page_bounds(question)
        next_url = self.page_url(question, page + 1) if page < pages else None
        previous_url = self.page_url(question, page - 1) if page > 1 else None
        body = files.json_page(question, first, last, next_url, previous_url)
        return HttpResponse(body, content_type="application/json")

    def get(self, request):
        try:
            return super().get(request)
        except Http404 as problem:
            return problem_details(404, str(problem))

    def refuse(self, question):
        return refusal(self.request, question.problems, is_data=True)

    @staticmethod
    def page_url(question: Question, page: int) -> str:
        size = question.data.get("per_page")
        pairs = [*question.pairs, *([("per_page", size)] if size else []), ("page", str(page))]
        return absolute(with_query(file_path(question.listing.name, "json"), pairs))


class ListCsvw(ListFile):
    """What the CSV of the same question holds, as CSV on the Web describes it."""

    form = "csv-metadata.json"
    refuse = ListJson.refuse

    def answer(self, question):
        url = question.file_url("csv")
        return JsonResponse(files.csvw(question, url), content_type="application/csvm+json")
