"""No module imports itself through others: neither in Python, imports for types included, nor in the page's scripts."""

import re
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp

STATIC = Path(__file__).parents[2] / "bot" / "sandbox" / "page" / "static"
_IMPORT = re.compile(r'(?:from|import) "\./([\w-]+\.js)"')


def cycle(imports: Mapping[str, set[str]]) -> list[str]:
    """The modules of one cycle, in order; empty if there is none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as found:
        return list(found.args[1])
    return []


def test_python_modules_have_no_import_cycle() -> None:
    graph = grimp.build_graph("bot", "storage", cache_dir=None)
    assert cycle({module: graph.find_modules_directly_imported_by(module) for module in graph.modules}) == []


def test_scripts_of_the_page_have_no_import_cycle() -> None:
    imports = {path.name: set(_IMPORT.findall(path.read_text("utf-8"))) for path in STATIC.glob("*.js")}
    assert any(imports.values())
    assert cycle(imports) == []


def test_a_cycle_is_found() -> None:
    assert cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) in (["b", "c", "b"], ["c", "b", "c"])
