"""The rows of a file that cannot be imported, as a file to be put right and imported in their place."""

import csv
import io

from django.utils.translation import gettext as _

from eccp.curation.importing import cells, tables
from eccp.curation.importing.bindings import NOTE
from eccp.curation.importing.models import Import
from eccp.curation.importing.tables import Cell, Unreadable
from eccp.listing.files import BOM
from eccp.listing.lines import guarded


def faulty_rows(wanted: Import) -> bytes:
    """A CSV of the faulty rows, as they were given, with what is wrong in a last column."""
    table = tables.read(bytes(wanted.content), sheet=wanted.listing, encoding=wanted.encoding)
    problems = {found["row"]: found["problems"] for found in wanted.report if found["what"] == "faulty"}
    kept = [at for at, header in enumerate(table.headers) if header != NOTE]
    out = io.StringIO(BOM, newline="")
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*(table.headers[at] for at in kept), NOTE])
    for line in table.lines:
        if line.number in problems:
            given = [_written(line.cells[at]) for at in kept if at < len(line.cells)]
            note = " | ".join(f"{header}: {said}" if header else said for header, said in problems[line.number])
            missing = [""] * (len(kept) - len(given))
            writer.writerow([*given, *missing, _("Row %(number)d") % {"number": line.number} + f" – {note}"])
    return out.getvalue().encode()


def _written(cell: Cell) -> str:
    """A cell as it was given; a text is guarded against being run as a formula."""
    if isinstance(cell, str):
        is_number = cells.is_plain_number(cell)
        return cell if is_number else guarded(cell)
    return "" if isinstance(cell, Unreadable) else cells.said(cell)
