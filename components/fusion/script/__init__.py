"""A fused model as a script of plain Keras, which rebuilds, trains and saves it without this app."""

from components.fusion.script.document import Section, sections, write_script
from components.fusion.script.notebook import write_notebook

__all__ = ["Section", "sections", "write_notebook", "write_script"]
