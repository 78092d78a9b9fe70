"""How the tests read an answer: as the reader's own programs would, not as the code that wrote it."""

import csv
import io
import re

from django.test import Client
from openpyxl import load_workbook


def body(response) -> bytes:
    """The whole answer, streamed or not."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def csv_rows(client: Client, address: str) -> list[dict[str, str]]:
    """The rows of a CSV, by a strict reader."""
    response = client.get(address)
    assert response.status_code == 200, body(response)[:300]
    text = body(response).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def json_rows(client: Client, address: str) -> list[dict]:
    """The rows of all JSON pages, each page fetched through the address the one before gives."""
    rows = []
    while address:
        response = client.get(address)
        assert response.status_code == 200, response.content[:300]
        page = response.json()
        rows += page["results"]
        address = page["next"]
    assert len(rows) == page["count"]
    return rows


def xlsx_rows(client: Client, address: str) -> list[dict]:
    """The rows of the table sheet of a workbook."""
    response = client.get(address)
    assert response.status_code == 200
    sheet = load_workbook(io.BytesIO(body(response))).worksheets[0]
    header, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def page_ids(client: Client, name: str, query: str = "") -> list[str]:
    """The ids of the rows of a list's pages, in order, page after page."""
    ids, page = [], 1
    while True:
        response = client.get(f"/{name}/?{query}&columns=id&per_page=200&page={page}")
        assert response.status_code == 200, response.content[:300]
        ids += [row.id for row in response.context["rows"]]
        if not response.context["next_url"]:
            shown = re.findall(rb"<tr\b", response.content)
            assert len(shown) >= len(response.context["rows"])
            return ids
        page += 1
