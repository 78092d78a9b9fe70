"""Which record a cell names: by its id, or by its exact public name where only one record has it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from django.db import models
from django.utils.translation import gettext as _

from eccp.curation.importing.refusals import RefusedError
from eccp.listing.columns import SEPARATOR, clean
from eccp.records.models import OldSlug, Record
from eccp.records.text import fold

_MOST_SUGGESTIONS = 50  # in one file: each looks at every name there is


@dataclass(frozen=True)
class Named:
    """A record as a cell names it."""

    kind: str
    slug: str
    name: str

    def reference(self, field: models.Field) -> str:
        """As an aggregate names it: with its kind where any kind may stand."""
        return f"{self.kind}:{self.slug}" if field.related_model is Record else self.slug


class Names:
    """The names and ids of all records of the kinds that a file may name, read once for the file."""

    def __init__(self) -> None:
        self._of_kind: dict[str, dict[str, Named]] = {}
        self._by_name: dict[str, dict[str, list[Named]]] = {}
        self._moved: dict[str, dict[str, str]] = {}
        self._kinds: dict[models.Field, tuple[str, ...]] = {}
        self._suggestions = _MOST_SUGGESTIONS
        #: Records that the file itself makes or changes.
        self.of_file: set[tuple[str, str]] = set()

    def add(self, kind: str, slug: str, name: str) -> None:
        """A record that the file makes or changes: further rows may name it."""
        self.of_file.add((kind, slug))
        if slug not in self._load(kind):
            self._keep(Named(kind, slug, name))

    def _keep(self, named: Named) -> None:
        self._of_kind[named.kind][named.slug] = named
        self._by_name[named.kind].setdefault(clean(named.name) or "", []).append(named)

    def _load(self, kind: str) -> dict[str, Named]:
        if kind not in self._of_kind:
            self._of_kind[kind], self._by_name[kind] = {}, {}
            for slug, name in Record.objects.filter(record_kind=kind).order_by("slug").values_list("slug", "name"):
                self._keep(Named(kind, slug, name))
            moved = OldSlug.objects.filter(record_kind=kind).values_list("slug", "record__slug")
            self._moved[kind] = dict(moved)
        return self._of_kind[kind]

    def kinds(self, field: models.Field) -> tuple[str, ...]:
        """The kinds of record that a field may name."""
        if field not in self._kinds:
            if field.related_model is Record:
                allowed = Record.objects.complex_filter(field.get_limit_choices_to())
                self._kinds[field] = tuple(sorted(set(allowed.values_list("record_kind", flat=True))))
            else:
                self._kinds[field] = (field.related_model._meta.concrete_model._meta.model_name,)
        return self._kinds[field]

    def of_reference(self, field: models.Field, reference: str) -> Named:
        """What an aggregate's reference names."""
        kind, slug = reference.split(":", 1) if field.related_model is Record else (self.kinds(field)[0], reference)
        return self._load(kind).get(slug) or Named(kind, slug, slug)

    def find(self, field: models.Field, text: str, shown: Iterable[Named], *, by_name: bool) -> Named:
        """The record that ``text`` names: one of those shown before, else the only one of that id or name."""
        found = self._found(field, text, shown, by_name=by_name)
        if len(found) == 1:
            return found[0]
        raise RefusedError(self._ambiguous(text, found) if found else self._unknown(field, text))

    def _found(self, field: models.Field, text: str, shown: Iterable[Named], *, by_name: bool) -> list[Named]:
        """Every record that ``text`` may name."""
        kinds = self.kinds(field)
        if by_name and (kept := [named for named in shown if clean(named.name) == text]):
            return kept[:1]
        found = [self._of_kind[kind][text] for kind in kinds if text in self._load(kind)]
        if not found and by_name:
            found = [named for kind in kinds for named in self._by_name[kind].get(text, ())]
        if not found:
            found = [*self._by_old_id(kinds, text)] or [*self._with_its_zeros(kinds, text)]
        return found

    def _by_old_id(self, kinds: Iterable[str], text: str) -> Iterator[Named]:
        yield from filter(None, (self.moved(kind, text) for kind in kinds))

    def moved(self, kind: str, slug: str) -> Named | None:
        """The record that had an id before, and has another one now."""
        records = self._load(kind)
        return records.get(self._moved[kind].get(slug, ""))

    def _with_its_zeros(self, kinds: Iterable[str], text: str) -> Iterator[Named]:
        """The record whose code has lost its leading zeros: no other has an id of these digits."""
        if text.isascii() and text.isdigit():
            for kind in kinds:
                yield from (named for slug, named in self._of_kind[kind].items() if slug.lstrip("0") == text)

    def split(self, field: models.Field, text: str, shown: Iterable[Named], *, by_name: bool) -> list[Named]:
        """The records named in a cell of several, even where a name itself holds the separator."""
        shown = list(shown)
        pieces = [piece.strip() for piece in text.split(SEPARATOR.strip())]
        found, at = [], 0
        while at < len(pieces):
            if not pieces[at]:
                at += 1
                continue
            for end in range(len(pieces), at, -1):
                joined = SEPARATOR.join(pieces[at:end])
                if end > at + 1 and len(self._found(field, joined, shown, by_name=by_name)) != 1:
                    continue
                found.append(self.find(field, joined, shown, by_name=by_name))
                at = end
                break
        return found

    def _ambiguous(self, text: str, found: list[Named]) -> str:
        return _("“%(text)s” is the name of several records. Write the id of the one you mean: %(ids)s.") % {
            "text": text, "ids": _(" or ").join(named.slug for named in found),
        }  # fmt: skip

    def _unknown(self, field: models.Field, text: str) -> str:
        near = self._near(field, text)
        meant = _(" Did you mean “%(near)s”?") % {"near": near} if near else ""
        return _("There is no %(kind)s called “%(text)s”: give its exact name or its id.%(meant)s") % {
            "kind": field.related_model._meta.verbose_name, "text": text, "meant": meant,
        }  # fmt: skip

    def _near(self, field: models.Field, text: str) -> str:
        """The name or id that was probably meant, as often as there is time to look for one."""
        self._suggestions -= 1
        if self._suggestions < 0:
            return ""
        records = [named for kind in self.kinds(field) for named in self._of_kind[kind].values()]
        known = {fold(called): called for named in records for called in (named.slug, named.name)}
        return next((known[found] for found in get_close_matches(fold(text), known, 1, 0.8)), "")
