"""The house has floors: a module imports its own or a lower one, and no two files import each other."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# The longest name that fits decides. Two doors on one floor are closed to each other unless OPEN says so.
FLOORS = {
    "eccp.records": 1,
    "eccp.listing": 1,
    "eccp.guard": 1,
    "eccp.curation": 2,
    "eccp.reference": 3,
    "programmes": 4,
    "markets": 5,
    "partnerships": 6,
    "eccp.portal": 7,
    "eccp.desk": 7,
    "eccp.operations": 7,
    "eccp": 8,
}
OPEN = {("eccp.listing", "eccp.records"), ("eccp.guard", "eccp.records"), ("eccp.operations", "eccp.desk")}
LABELS = {part.rpartition(".")[2]: part for part in FLOORS if part != "eccp"}
MODEL_BY_NAME = re.compile(rf"({'|'.join(LABELS)})\.[A-Z]\w*")


def part_of(module):
    return next((part for part in FLOORS if module == part or module.startswith(f"{part}.")), None)


MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in ("eccp", "programmes", "markets", "partnerships")
    for path in sorted((ROOT / package).rglob("*.py"))
}


def imports(module):
    """Every module of ours that ``module`` imports, at whatever depth, or names a model of, and the line."""
    path = MODULES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *filter(None, [node.module])])
            names = [name if (name := f"{source}.{alias.name}") in MODULES else source for alias in node.names]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = MODEL_BY_NAME.fullmatch(node.value)
            names = [f"{LABELS[found[1]]}.models"] if found else []
        for name in names:
            if part_of(name) and name != module:
                yield name, node.lineno


def misstep(importer, imported):
    """Why ``importer`` must not import ``imported``, or None."""
    here, there = part_of(importer), part_of(imported)
    if FLOORS[there] > FLOORS[here]:
        return f"{here} is on floor {FLOORS[here]}, {there} on floor {FLOORS[there]} above it"
    if FLOORS[there] == FLOORS[here] and here != there and (here, there) not in OPEN:
        return f"{here} and {there} share floor {FLOORS[here]}, and {here} does not know {there}"
    return None


def test_a_module_imports_its_own_floor_or_a_lower_one():
    missteps = [
        f"{MODULES[module].relative_to(ROOT)}:{line} imports {imported}: {reason}"
        for module in MODULES
        # A migration names what its models name, and Django writes it.
        if ".migrations." not in module
        for imported, line in imports(module)
        if (reason := misstep(module, imported))
    ]
    assert not missteps, "\n" + "\n".join(missteps)


def test_no_two_files_import_each_other():
    graph = {module: {name for name, _ in imports(module) if name in MODULES} for module in MODULES}
    circles, done = [], set()

    def follow(module, trail):
        if module in trail:
            circles.append(" → ".join([*trail[trail.index(module) :], module]))
        elif module not in done:
            for imported in sorted(graph[module]):
                follow(imported, [*trail, module])
            done.add(module)

    for module in graph:
        follow(module, [])
    assert not circles, "\n" + "\n".join(circles)


@pytest.mark.parametrize(
    ("importer", "imported", "allowed"),
    [
        ("partnerships.models", "eccp.reference.models", True),
        ("eccp.listing.views", "eccp.records.models", True),
        ("eccp.urls", "eccp.portal.views", True),
        ("eccp.records.models", "eccp.listing.views", False),
        ("eccp.reference.models", "programmes.models", False),
        ("eccp.portal.views", "eccp.urls", False),
        ("markets.models", "partnerships.models", False),
    ],
)
def test_the_floors_are_told_apart(importer, imported, allowed):
    assert (misstep(importer, imported) is None) is allowed
