import pytest
from pydantic import ValidationError

from components.recipe import FusionGraph, InputNode, Member, MemberNode, OutputNode, Recipe


def two_nodes(*nodes):
    return FusionGraph(nodes=nodes)


def test_a_recipe_survives_json():
    graph = two_nodes(
        InputNode(id="x", shape=(64,)), MemberNode(id="a", member="a", inputs=("x",)), OutputNode(id="y", inputs=("a:1",))
    )
    recipe = Recipe(members=(Member(name="a", sha256="0" * 64, file_name="a.h5"),), graph=graph)
    assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe


def test_a_graph_refuses_a_node_before_its_input():
    with pytest.raises(ValidationError, match="does not stand before it"):
        two_nodes(OutputNode(id="y", inputs=("x",)), InputNode(id="x", shape=(64,)))


def test_a_graph_refuses_two_nodes_of_one_name():
    with pytest.raises(ValidationError, match="name of its own"):
        two_nodes(InputNode(id="x", shape=(1,)), InputNode(id="x", shape=(2,)))


@pytest.mark.parametrize("name", ["", "a/b", "A", "a.b", "-a", "a" * 64, "<b>"])
def test_names_are_safe_everywhere(name):
    with pytest.raises(ValidationError):
        Member(name=name, sha256="0" * 64, file_name="a.h5")
