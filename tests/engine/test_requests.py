"""Every request, asked of a real worker over real files; what it says is compared with Keras alone."""

from __future__ import annotations

import ast
import base64
import hashlib
import io
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import numpy as np
import pytest

from components.data.facts import Bound
from components.data.load import load_samples
from components.data.split import split
from components.engine import catalogue
from components.engine.bundle import bundle
from components.engine.catalogue import CALLS
from components.engine.client import Engine
from components.engine.recipes import is_recipe, take_recipe
from components.engine.uploads import take_member
from components.fusion.plan import plan
from components.fusion.script import write_script
from components.gradients.judged import judged
from components.gradients.report import GradientReport
from components.gradients.verdicts import Thresholds
from components.models.comparison import align
from components.models.facts import MemberFacts
from components.recipe import Data, Recipe, Refusal
from components.store import Store
from components.training.rate_test import RateTest
from tests.plain_keras import PlainKeras


def plain(recipe: Recipe) -> dict[str, object]:
    return recipe.model_dump(mode="json")


def test_the_catalogue_names_what_workers_answer() -> None:
    # Read as text, since importing the module would load TensorFlow into this process.
    tree = ast.parse((Path(catalogue.__file__).parent / "requests.py").read_text())
    [found] = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Requests"]
    methods = {node.name: node for node in found.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")}
    assert set(methods) == set(CALLS)
    for name, call in CALLS.items():
        assert call.writes is None or call.writes in {argument.arg for argument in methods[name].args.args}


def test_a_member_is_opened_once_and_its_clean_file_is_keras_own(
    engine: Engine, shared_store: Store, members: dict[str, MemberFacts], files: Path, plain_keras: PlainKeras
) -> None:
    assert members["mlp"] == shared_store.member(members["mlp"].sha256)
    with np.load(files / "digits-mlp-keras2.15.0.npz") as reference:
        x, y = reference[reference.files[0]], reference[reference.files[1]]
    [answer] = plain_keras.predict(shared_store.canonical(members["mlp"].sha256), [x])
    np.testing.assert_allclose(answer, y, atol=1e-5)


def test_a_file_that_is_no_model_leaves_nothing_but_a_sentence(engine: Engine, shared_store: Store, tmp_path: Path) -> None:
    broken = tmp_path / "broken.keras"
    broken.write_bytes(b"PK\x03\x04 not really")
    with open(broken, "rb") as stream, pytest.raises(Refusal):
        take_member(engine, shared_store, stream, broken.name)
    assert not [card for card in shared_store.members() if card.file_name == "broken.keras"]


def test_binding_counts_every_sample(engine: Engine, data: Data) -> None:
    bound = Bound.model_validate(engine.request("bind", data=data.model_dump(mode="json")))
    assert bound.training + bound.validation + bound.test == sum(bound.class_counts) == 1797


def test_build_counts_weights_and_keras_draws(engine: Engine, recipe: Recipe, members: dict[str, MemberFacts]) -> None:
    built = engine.request("build", recipe=plain(recipe))
    assert built["parameters"] == sum(card.parameters for card in members.values())
    picture = ElementTree.fromstring(engine.request("plot_model", recipe=plain(recipe)))
    text = " ".join(picture.itertext())
    assert "mlp" in text and "cnn" in text


def test_build_says_who_answers_in_a_cascade(
    engine: Engine, recipe: Recipe, members: dict[str, MemberFacts], shared_store: Store, plain_keras: PlainKeras
) -> None:
    from sklearn.datasets import load_digits

    assert engine.request("build", recipe=plain(recipe))["notes"] == []
    samples = load_samples(recipe.data, None)
    validation = split(samples, recipe.data.split).validation
    images = load_digits().images[validation, :, :, None].astype("float32")
    [first] = plain_keras.predict(shared_store.canonical(members["mlp"].sha256), [images.reshape(len(images), -1)])
    share = np.mean(first.max(axis=1) >= 0.9)
    chosen = [(member, members[member.name]) for member in recipe.members]
    cascade = plan("confidence-cascade", {"threshold": 0.9}, chosen, recipe.data, None).graph
    [note] = engine.request("build", recipe=plain(recipe.model_copy(update={"graph": cascade})))["notes"]
    assert f"mlp answers {share:.1%}, cnn answers {1 - share:.1%} of the samples" in note
    assert f"{len(validation):,} samples of the validation split" in note


def test_keras_draws_a_member_alone(engine: Engine, recipe: Recipe, members: dict[str, MemberFacts]) -> None:
    [member, _] = recipe.members
    picture = ElementTree.fromstring(engine.request("plot_member", member=member.model_dump(mode="json")))
    text = " ".join(picture.itertext())
    assert all(row.name in text for row in members[member.name].layers)


def test_members_are_compared_by_their_weights(engine: Engine, recipe: Recipe, members: dict[str, MemberFacts]) -> None:
    mlp, cnn = (member.model_dump(mode="json") for member in recipe.members)
    itself = engine.request("compare_members", first=mlp, second=mlp)
    assert [each["distance"] for each in itself] == [0.0 if row.parameters else None for row in members["mlp"].layers]
    other = engine.request("compare_members", first=mlp, second=cnn)
    assert len(other) == len(align(members["mlp"].layers, members["cnn"].layers))


def test_a_bundle_holds_all_that_its_script_needs(
    shared_store: Store, recipe: Recipe, members: dict[str, MemberFacts], plain_keras: PlainKeras, tmp_path: Path
) -> None:
    script = write_script(recipe, {member.name: members[member.name] for member in recipe.members})
    with (tmp_path / "bundle.zip").open("w+b") as file:
        bundle(shared_store, recipe, script, file)
        with zipfile.ZipFile(file) as archive:
            archive.extractall(tmp_path)
    assert Recipe.model_validate_json((tmp_path / "recipe.json").read_text()) == recipe
    results = plain_keras.run((tmp_path / "fuse.py").read_text(), tmp_path)
    assert results["before training"].shape[1] == 10
    assert (tmp_path / "fused.keras").exists()


def test_export_predicts_the_average_in_keras_alone(
    engine: Engine, shared_store: Store, recipe: Recipe, members: dict[str, MemberFacts], plain_keras: PlainKeras
) -> None:
    from sklearn.datasets import load_digits

    images = load_digits().images[:32, :, :, None].astype("float32")
    path = Path(engine.request("export", recipe=plain(recipe)))
    assert shared_store.home in path.parents
    [fused] = plain_keras.predict(path, [images])
    assert fused.shape == (32, 10)
    np.testing.assert_allclose(fused.sum(axis=1), 1.0, atol=1e-4)
    assert path == Path(engine.request("export", recipe=plain(recipe)))


def test_gradients_of_two_recipes(engine: Engine, recipe: Recipe) -> None:
    frozen = recipe.model_copy(update={"members": (recipe.members[0].model_copy(update={"frozen": True}), recipe.members[1])})
    answers = engine.request("gradients", recipes=[plain(recipe), plain(frozen), plain(recipe)])
    free, held, again = (GradientReport.model_validate(answer) for answer in answers)
    assert free == again, "one recipe has one measurement"
    assert {layer.verdict for layer in held.layers if layer.member == "mlp" and layer.variables} <= {"frozen"}
    assert any(layer.norm for layer in free.layers if layer.member == "mlp")


def test_gradients_after_some_steps(engine: Engine, recipe: Recipe) -> None:
    def measured(steps: int) -> GradientReport:
        [answer] = engine.request("gradients", recipes=[plain(recipe)], probing={"steps": steps})
        return GradientReport.model_validate(answer)

    before, one, hundred = (measured(steps) for steps in (0, 1, 100))
    assert before.loss and one.loss and hundred.loss and before.loss != one.loss and hundred.loss < before.loss
    # Adam's first step moves every weight by about the learning rate, whatever the batch.
    pairs = [(a, b) for a, b in zip(before.layers, one.layers, strict=True) if a.update]
    assert pairs and all(0 < abs(b.weight - a.weight) <= 1.2 * a.update * a.weight for a, b in pairs)
    assert before == measured(0), "the members are as they were"
    assert before.verdict == "healthy" and judged(before, Thresholds(vanishing=0.9)).verdict == "vanishing"


def test_a_rate_is_found_on_a_model_of_its_own(engine: Engine, recipe: Recipe) -> None:
    before = engine.request("score", recipe=plain(recipe))
    test = RateTest.model_validate(engine.request("find_rate", recipe=plain(recipe)))
    assert test.suggestion and 1e-5 < test.suggestion < 1 and len(test.rates) == len(test.losses) > 50
    assert engine.request("score", recipe=plain(recipe)) == before, "the members are as they were"


@pytest.mark.parametrize(("format", "beginning"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_render(engine: Engine, format: str, beginning: bytes) -> None:
    assert base64.b64decode(engine.request("render", dot='digraph { a -> "ü<b>" }', format=format)).startswith(beginning)


def test_a_recipe_without_members_at_hand_is_refused(engine: Engine, recipe: Recipe) -> None:
    lost = recipe.model_copy(
        update={"members": (recipe.members[0].model_copy(update={"sha256": "ab" * 32}), recipe.members[1])}
    )
    with pytest.raises(Refusal, match="Upload it again"):
        engine.request("build", recipe=plain(lost))
    outside = recipe.model_copy(
        update={"members": (recipe.members[0].model_copy(update={"sha256": "../../x"}), recipe.members[1])}
    )
    with pytest.raises(Refusal, match="SHA-256"):
        engine.request("build", recipe=plain(outside))


def test_members_are_tried_on_the_data(engine: Engine, recipe: Recipe) -> None:
    prepared = engine.request("prepare", recipe=plain(recipe.model_copy(update={"graph": None})))
    assert set(prepared["scalings"]) == {"mlp", "cnn"}
    assert prepared["warnings"] == {}


def test_a_leaderboard_has_the_members_among_the_rules(engine: Engine, recipe: Recipe, shared_store: Store) -> None:
    facts = {member.name: shared_store.member(member.sha256).model_dump(mode="json") for member in recipe.members}
    entries = engine.request("leaderboard", recipe=plain(recipe), facts=facts)
    scores = {score["name"]: score["metric"] for score in engine.request("score", recipe=plain(recipe))}
    by_title = {entry["title"]: entry for entry in entries}
    assert by_title["Average"]["score"] == pytest.approx(scores["plain average"])
    for member in recipe.members:
        assert by_title[member.name]["score"] == pytest.approx(scores[member.name])


def test_scores_before_training(engine: Engine, recipe: Recipe) -> None:
    scores = {score["name"]: score for score in engine.request("score", recipe=plain(recipe))}
    assert {score["kind"] for score in scores.values()} == {"fused", "member", "average"}
    assert scores["fused model"]["metric"] == scores["plain average"]["metric"] > 0.8, "it starts as the plain average"


def test_a_bundle_opens_again_where_its_members_never_were(
    engine: Engine, shared_store: Store, recipe: Recipe, members: dict[str, MemberFacts]
) -> None:
    strange = recipe.model_copy(
        update={"members": (recipe.members[0].model_copy(update={"sha256": "ab" * 32}), recipe.members[1])}
    )
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("recipe.json", strange.model_dump_json())
        files.write(shared_store.canonical(recipe.members[0].sha256), f"{recipe.members[0].name}.keras")
    assert is_recipe(archive)
    opened = take_recipe(engine, shared_store, archive, "bundle.zip")
    assert opened.members[1] == recipe.members[1] and opened.graph == recipe.graph
    assert opened.members[0].sha256 == hashlib.sha256(shared_store.canonical(recipe.members[0].sha256).read_bytes()).hexdigest()
    assert engine.request("build", recipe=plain(opened)) == engine.request("build", recipe=plain(recipe))
    shared_store.discard(opened.members[0].sha256)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[1]", b'{"class_name": "Sequential"}', b"[" * 9000, b"PK\x03\x04broken", b"\x89HDF\r\n\x1a\n"]
)
def test_other_files_are_not_taken_for_recipes(content: bytes) -> None:
    stream = io.BytesIO(content)
    assert not is_recipe(stream)
    assert stream.tell() == 0


def test_a_recipe_alone_opens_where_its_files_are(engine: Engine, shared_store: Store, recipe: Recipe) -> None:
    assert take_recipe(engine, shared_store, io.BytesIO(recipe.model_dump_json().encode()), "r.json") == recipe
    strange = recipe.model_dump_json().replace(recipe.members[0].sha256, "ab" * 32).encode()
    with pytest.raises(Refusal, match="which is not here"):
        take_recipe(engine, shared_store, io.BytesIO(strange), "r.json")
    for nonsense in (b"{}]", b'{"version": 9}', b"\xff\xfe"):
        with pytest.raises(Refusal, match="is not a recipe"):
            take_recipe(engine, shared_store, io.BytesIO(nonsense), "r.json")
