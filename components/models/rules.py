"""How the settings of layers from older and newer versions of Keras become today's: one table, read from top to bottom.

A rule names the classes it is for (`*` for all) and what it does with the settings. To teach the app another difference between
versions, add one entry to the table of that version:

    Rule("Conv2D Conv3D", rename("nb_filter", "filters")),

What an action can do stands in `components.models.rule_actions`; classes under other names in `rules_classes`.
"""

from __future__ import annotations

from components.models.rule_actions import Rule
from components.models.rules_keras1 import KERAS_1
from components.models.rules_keras2 import KERAS_2

RULES: tuple[Rule, ...] = (*KERAS_1, *KERAS_2)
