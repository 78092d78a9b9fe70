"""The Atom feed of any filtered list: a saved search that tells what is new, without an account."""

from datetime import UTC, datetime
from heapq import nsmallest
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html_join
from django.utils.translation import gettext_noop

from eccp.listing import files
from eccp.listing.addresses import absolute, record_path
from eccp.listing.columns import Address
from eccp.listing.history import Event, public_history
from eccp.listing.question import Question
from eccp.listing.views import ListFile
from eccp.listing.wording import said_date
from eccp.records.text import clean

MOST_ENTRIES = 50
AUTHOR = gettext_noop("ECCP Registry")
EPOCH = datetime.fromtimestamp(0, UTC)  # when nothing was ever stored


def tag(path: str) -> str:
    """The name of something on this site that no later move changes (RFC 4151)."""
    return f"tag:{urlsplit(settings.SITE_URL).hostname},2026:{quote(path)}"


class Feed(Atom1Feed):
    """Atom that depends on the data alone: also an empty feed says when they last changed."""

    def latest_post_date(self):
        return super().latest_post_date() if self.items else self.feed["changed_at"]


class ListFeed(ListFile):
    """The rows of the answer that changed last, newest first, whatever the list is sorted by."""

    form = "atom"
    refused = ListFile.refused | {"bom"}

    def answer(self, question):
        return HttpResponse(feed(question).writeString("utf-8"), content_type=Feed.content_type)


def feed(question: Question) -> Feed:
    """The feed of the answer to ``question``; each entry says what the page says of its row."""
    snapshot, name = question.snapshot, question.listing.name
    made = Feed(
        title=f"{AUTHOR}: {question.listing.title}",
        subtitle=clean(question.sentence),  # what was searched for may hold what XML cannot
        link=absolute(question.url()),
        description="",
        language="en",
        author_name=AUTHOR,
        feed_url=absolute(question.file_url("atom")),
        feed_guid=tag(question.file_url("atom").lstrip("/")),
        feed_copyright=f"{files.LICENCE_NAME} – {files.LICENCE}",
        changed_at=snapshot.token[1] or EPOCH,
    )
    newest = nsmallest(MOST_ENTRIES, question.rows, key=lambda at: (-snapshot.changed(at), snapshot.id(at)))
    columns = [column for column in question.shown_columns if not isinstance(column, Address)]
    # A row that is a part of a record has no history of its own.
    histories = public_history(snapshot.key(at) for at in newest) if question.listing.kind() else {}
    for at, cells in zip(newest, question.cells(columns, newest), strict=True):
        row = snapshot.row(at)
        facts = [
            (column.label, "; ".join(column.display(cell))) for column, cell in zip(columns, cells, strict=True)
        ] + [_said(event) for event in histories.get(row.key, ())]
        made.add_item(
            title=clean(row.ref.name),
            link=absolute(record_path(name, row.id)),
            # RFC 4287 reads a summary as HTML here, so what is text is escaped.
            description=format_html_join("\n", "<p>{}: {}</p>", [(label, text) for label, text in facts if text]),
            unique_id=tag(f"{name}/{row.id}"),
            updateddate=row.changed,
        )
    return made


def _said(event: Event) -> tuple[str, str]:
    """An event as a line of an entry: “corrected on 24 November 2026”, and why."""
    return f"{event.label}, {said_date(event.on)}", clean(event.reason) or "–"
