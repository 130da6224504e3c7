"""What the web process uses never loads Keras."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
import sys
import components.fusion.dot, components.fusion.inference, components.fusion.picture
from components.fusion.layouts import LAYOUTS
from components.fusion.operators import OPERATORS
from components.fusion.plan import plan, plannable
from components.fusion.river import layout_river
from components.fusion.script import write_script

for layout in LAYOUTS:
    layout_river(layout)
for operator in OPERATORS.values():
    operator.source, operator.options.model_json_schema()
loaded = [name for name in ("keras", "tensorflow", "streamlit", "sklearn") if name in sys.modules]
assert not loaded, loaded
"""


def test_planning_drawing_and_writing_load_no_keras() -> None:
    subprocess.run([sys.executable, "-c", _PROGRAM], check=True, timeout=60)
