"""The recipe and its parts: value objects without Keras and without Streamlit."""

from components.recipe.document import Document, Name, Shape, Tensor
from components.recipe.graph import (
    AdapterNode,
    FusionGraph,
    InputNode,
    MemberNode,
    Node,
    OperatorNode,
    Options,
    OutputNode,
    source,
)
from components.recipe.reading import ArrayReading, PictureReading, Reading, SheetReading, TableReading
from components.recipe.recipe import Data, Input, Member, Recipe, Scaling, Split, Target, Task
from components.recipe.refusal import Refusal
from components.recipe.training import Training

__all__ = [
    "AdapterNode",
    "ArrayReading",
    "Data",
    "Document",
    "FusionGraph",
    "Input",
    "InputNode",
    "Member",
    "MemberNode",
    "Name",
    "Node",
    "OperatorNode",
    "Options",
    "OutputNode",
    "PictureReading",
    "Reading",
    "Recipe",
    "Refusal",
    "Scaling",
    "Shape",
    "SheetReading",
    "Split",
    "TableReading",
    "Target",
    "Task",
    "Tensor",
    "Training",
    "source",
]
