"""The vendored libraries in the browser: sent once a session, then known to every component."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer
from streamlit.errors import StreamlitDuplicateElementKey

from components.views import assets

_START = "globalThis.tributary ??= {}\n"
_END = "\nexport default function () {}\n"


def _plotly() -> str:
    """Plotly takes itself for a CommonJS module here, and leaves the page's own `Plotly` as it was."""
    return (
        "const module = { exports: {} }, before = globalThis.Plotly;\n"
        + assets.text("vendor/plotly-basic.min.js")
        + ";\nglobalThis.tributary.plotly = module.exports\nglobalThis.Plotly = before\n"
        + assets.text("scripts/figures.js")
    )


def _graphviz() -> str:
    """Graphviz with its list of exports taken off, since a component may export one function only."""
    source, exports = re.split(r"export\s*\{(?=[^}]*\}\s*;?\s*(?://.*)?\s*$)", assets.text("vendor/graphviz.js"))
    name = re.search(r"([\w$]+) as Graphviz", exports)
    assert name is not None, "The vendored Graphviz exports nothing of this name."
    return (
        f"{source}\nglobalThis.tributary.graphviz ??= {name[1]}.load()\n"
        + assets.text("scripts/safe_svg.js")
        + assets.text("scripts/graph_view.js")
    )


_SOURCES = {"figures": _plotly, "graph": _graphviz}


@cache
def source(name: str) -> str:
    """The script that makes a library known on a page; it needs no module."""
    return _START + _SOURCES[name]()


@cache
def _component(name: str) -> ComponentRenderer:
    return st.components.v2.component(f"tributary_library_{name}", html="<i hidden></i>", js=source(name) + _END)


def mount(name: str, key: str) -> None:
    """Sends the library that draws `figures` or the `graph`, about a megabyte; `key` is that of the component it is for.

    Streamlit sends it in full once and by its hash afterwards, at 1.5 ms of the server's time. Also the tick of a fragment
    mounts it: what a tick leaves out is taken off the page, at worst before it has loaded. The first component of a run
    brings it for all.
    """
    with st.container(key=f"library-{key}"), suppress(StreamlitDuplicateElementKey):
        _component(name)(key=f"library_{name}")


@cache
def drawing_script(name: str) -> str:
    """The small script of a component that waits for this library and then draws."""
    return assets.text("scripts/when_ready.js").replace("DRAWING", name)
