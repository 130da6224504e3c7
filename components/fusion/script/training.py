"""The part of the script that trains and saves."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from components.fusion.averaging import averaged_weights
from components.fusion.head_first import over_frozen_branches, phases_of
from components.fusion.keras_calls import Call, write
from components.fusion.member_rates import with_own_rates
from components.fusion.operator import plain_source
from components.fusion.operators import OPERATORS
from components.fusion.optimizer import optimizer_call
from components.fusion.schedules import schedule_callbacks, warm_up
from components.fusion.script.training_functions import gathering, keep_best, scores_of
from components.fusion.script.wrapping import literal
from components.fusion.shuffling import shuffled_batches
from components.recipe import Data, FusionGraph, MemberNode, OperatorNode, OutputNode, Recipe, Target, Task, Training

_OBJECTIVES: dict[Task, tuple[str, str, str]] = {
    "multiclass": ("target", "sparse_categorical_crossentropy", "sparse_categorical_accuracy"),
    "binary": ("target[:, None]", "binary_crossentropy", "binary_accuracy"),
    "multilabel": ("target", "binary_crossentropy", "binary_accuracy"),
    "regression": ("target[:, None]", "mean_squared_error", "mean_absolute_error"),
}
"""Of each task: what the loss takes, and the names of loss and metric in Keras."""

SAME = """\
# Batches, their order, dropout and the weights that are kept are those of the run in Tributary, so that the figures are too,
# but for rounding, which grows where steps are large."""
"""What a person who compares the script with the run wants to know."""


def training_lines(recipe: Recipe, data: Data, graph: FusionGraph) -> str:
    """Compiles, trains, judges on the test split, and saves; each output learns its target, on the batches of the run.

    Where no gradient passes through an operator there is nothing to train, and the model is saved as it is.
    """
    if any(isinstance(node, OperatorNode) and not OPERATORS[node.operator].gradient for node in graph.nodes):
        return '# No gradient passes through this layout, so there is nothing to train.\nmodel.save("fused.keras")'
    settings, task = recipe.training, data.target.task
    learnt = [next((each for each in data.others if each.name == node.target), data.target) for node in _outputs(graph)]
    needed: dict[Callable[..., Any], bool] = {
        shuffled_batches: True,
        gathering: True,
        keep_best: True,
        scores_of: True,
        averaged_weights: settings.weight_averaging > 0,
        warm_up: settings.warm_up > 0,
        with_own_rates: recipe.has_own_rates,
        over_frozen_branches: settings.head_epochs > 0,
    }
    functions = "".join(f"{plain_source(function)}\n\n\n" for function, is_needed in needed.items() if is_needed)
    balanced = settings.balance_classes and task in ("binary", "multiclass")
    imported = "from sklearn.utils.class_weight import compute_sample_weight\n\n" if balanced else ""
    fits = _fits(recipe, [each.task for each in learnt], graph)
    counting = "steps_per_epoch = len(batches)\n" if "steps_per_epoch" in fits else ""
    # An optimizer that plain Keras could not open is left out of the file.
    plain = optimizer_call(settings, recipe.has_own_rates).is_plain
    saved = "model" if plain else 'keras.Model(model.inputs, model.outputs, name="fused")'
    if data.others:
        labels = (
            "[" + ", ".join(_OBJECTIVES[each.task][0].replace("target", f"targets[{each.name!r}]") for each in learnt) + "]"
        )
        goal = "[each[samples] for each in labels]"
    else:
        labels, goal = _OBJECTIVES[task][0], f"[labels[samples]] * {len(learnt)}"
    counts = 'compute_sample_weight("balanced", target[training]).astype("float32")'
    weights = f", one_or_all([{counts}] * {len(learnt)})" if balanced else ""
    return f"""{imported}{functions}labels = {labels}


def goal(samples: np.ndarray) -> Any:
    \"\"\"What each output is to learn for these samples.\"\"\"
    return one_or_all({goal})


{SAME}
learnt = gathering(feed(training), goal(training){weights})
batches, epoch = shuffled_batches(learnt, len(training), size={settings.batch_size}, seed={recipe.seed})
next_epoch = keras.callbacks.LambdaCallback(on_epoch_begin=lambda number, logs=None: epoch.assign(number))
{counting}
{fits}

scores = scores_of(
    model.predict(feed(test), verbose=0),
    goal(test),
    losses=[{_functions("losses", learnt, 1)}],
    metrics=[{_functions("metrics", learnt, 2)}],
    targets={literal([each.name for each in learnt])},
)
print(scores)
results["after training"] = predict(test)
{saved}.save("fused.keras")"""


def _functions(module: str, learnt: Sequence[Target], place: int) -> str:
    return ", ".join(f"keras.{module}.{_OBJECTIVES[each.task][place]}" for each in learnt)


def _outputs(graph: FusionGraph) -> list[OutputNode]:
    return [node for node in graph.nodes if isinstance(node, OutputNode)]


def _fits(recipe: Recipe, tasks: list[Task], graph: FusionGraph) -> str:
    """Compiles and fits each phase. The second goes on from the best so far, which stays where it is not better."""
    phases = phases_of(recipe.training)
    start = 'evaluate(feed(validation), goal(validation), return_dict=True, verbose=0)["loss"]'
    if not recipe.training.head_epochs:
        return _fit("model", phases[0], recipe, tasks, graph, f"model.{start}")
    members = list(dict.fromkeys(node.member for node in graph.nodes if isinstance(node, MemberNode)))
    head = f"head = over_frozen_branches(model, {members!r})\n"
    head += _fit("head", phases[0], recipe, tasks, graph, f"head.{start}")
    if len(phases) == 1:
        return head
    return f"{head}\n\n{_fit('model', phases[1], recipe, tasks, graph, 'best.best_loss', begun='len(history.epoch)')}"


def _fit(
    learner: str, settings: Training, recipe: Recipe, tasks: list[Task], graph: FusionGraph, loss: str, begun: str = ""
) -> str:
    """One phase of the model of this name, whose validation loss is `loss`, after so many epochs of an earlier one."""
    weights = [node.loss_weight for node in _outputs(graph)]
    chosen = [(_OBJECTIVES[task][1], [_OBJECTIVES[task][2]]) for task in tasks]
    losses, metrics = (json.dumps(each) for each in (zip(*chosen, strict=True) if len(weights) > 1 else chosen[0]))
    counted = f"\n    loss_weights={weights}," if any(weight != 1 for weight in weights) else ""
    averaging = [Call(averaged_weights, {})] if settings.weight_averaging else []
    callbacks = ["next_epoch", *map(write, [*schedule_callbacks(settings), *averaging]), "best"]
    first = f"\n    initial_epoch={begun}," if begun else ""
    last = f"{begun} + {settings.epochs}" if begun else settings.epochs
    return f"""{learner}.compile(
    optimizer={write(optimizer_call(settings, recipe.has_own_rates), indent=4)},
    loss={losses},{counted}
    metrics={metrics},
    jit_compile=False,
)
best = keep_best({loss}, patience={settings.patience})
history = {learner}.fit(
    batches,
    validation_data=(feed(validation), goal(validation)),{first}
    epochs={last},
    callbacks=[{", ".join(callbacks)}],
    shuffle=False,
    verbose=2,
)"""
