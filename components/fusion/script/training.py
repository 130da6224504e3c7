"""The part of the script that trains and saves."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from components.fusion.averaging import averaged_weights
from components.fusion.head_first import over_frozen_branches, phases_of
from components.fusion.keras_calls import Call, write
from components.fusion.member_rates import with_own_rates
from components.fusion.operator import plain_source
from components.fusion.operators import OPERATORS
from components.fusion.optimizer import optimizer_call
from components.fusion.schedules import schedule_callbacks, warm_up
from components.recipe import Data, FusionGraph, MemberNode, OperatorNode, OutputNode, Recipe, Task, Training

_OBJECTIVES: dict[Task, tuple[str, str, str]] = {
    "multiclass": ("target", "sparse_categorical_crossentropy", "accuracy"),
    "binary": ("target[:, None]", "binary_crossentropy", "accuracy"),
    "multilabel": ("target", "binary_crossentropy", "binary_accuracy"),
    "regression": ("target[:, None]", "mean_squared_error", "mean_absolute_error"),
}


def training_lines(recipe: Recipe, data: Data, graph: FusionGraph) -> str:
    """Compiles, trains, judges on the test split, and saves; each output learns its target.

    Where no gradient passes through an operator there is nothing to train, and the model is saved as it is.
    """
    if any(isinstance(node, OperatorNode) and not OPERATORS[node.operator].gradient for node in graph.nodes):
        return '# No gradient passes through this layout, so there is nothing to train.\nmodel.save("fused.keras")'
    settings, task = recipe.training, data.target.task
    learnt = [next((each for each in data.others if each.name == node.target), data.target) for node in _outputs(graph)]
    needed: dict[Callable[..., Any], bool] = {
        averaged_weights: settings.weight_averaging > 0,
        warm_up: settings.warm_up > 0,
        with_own_rates: recipe.has_own_rates,
        over_frozen_branches: settings.head_epochs > 0,
    }
    functions = "".join(f"{plain_source(function)}\n\n\n" for function, is_needed in needed.items() if is_needed)
    balanced = settings.balance_classes and task in ("binary", "multiclass")
    imported = "from sklearn.utils.class_weight import compute_sample_weight\n\n" if balanced else ""
    fits = _fits(recipe, [each.task for each in learnt], graph, balanced)
    counting = f"steps_per_epoch = -(-len(training) // {settings.batch_size})\n" if "steps_per_epoch" in fits else ""
    judged = "head" if settings.head_epochs >= settings.epochs else "model"
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
    return f"""{imported}{functions}labels = {labels}


def goal(samples: np.ndarray) -> Any:
    \"\"\"What each output is to learn for these samples.\"\"\"
    return one_or_all({goal})


{counting}{fits}
print({judged}.evaluate(feed(test), goal(test), return_dict=True, verbose=0))
results["after training"] = predict(test)
{saved}.save("fused.keras")"""


def _outputs(graph: FusionGraph) -> list[OutputNode]:
    return [node for node in graph.nodes if isinstance(node, OutputNode)]


def _fits(recipe: Recipe, tasks: list[Task], graph: FusionGraph, balanced: bool) -> str:
    """Compiles and fits each phase. The second goes on from the best of the first, which stays where it is not better."""
    phases = phases_of(recipe.training)
    if not recipe.training.head_epochs:
        return _fit("model", phases[0], recipe, tasks, graph, balanced)
    members = list(dict.fromkeys(node.member for node in graph.nodes if isinstance(node, MemberNode)))
    head = f"head = over_frozen_branches(model, {members!r})\n" + _fit("head", phases[0], recipe, tasks, graph, balanced)
    if len(phases) == 1:
        return head
    return f"""{head}
best_of_head, loss_of_head = model.get_weights(), min(history.history["val_loss"])

{_fit("model", phases[1], recipe, tasks, graph, balanced, begun=phases[0].epochs)}
if min(history.history["val_loss"]) >= loss_of_head:
    model.set_weights(best_of_head)"""


def _fit(
    learner: str, settings: Training, recipe: Recipe, tasks: list[Task], graph: FusionGraph, balanced: bool, begun: int = 0
) -> str:
    """One phase of the model of this name, after so many epochs of an earlier one."""
    weights = [node.loss_weight for node in _outputs(graph)]
    outputs = len(weights)
    chosen = [(_OBJECTIVES[task][1], [_OBJECTIVES[task][2]]) for task in tasks]
    losses, metrics = (json.dumps(each) for each in (zip(*chosen, strict=True) if outputs > 1 else chosen[0]))
    counted = f"\n    loss_weights={weights}," if any(weight != 1 for weight in weights) else ""
    counts = 'compute_sample_weight("balanced", target[training])'
    weighted = f"\n    sample_weight=one_or_all([{counts}] * {outputs})," if balanced else ""
    stop = {"patience": settings.patience or settings.epochs, "restore_best_weights": True}
    averaging = [Call(averaged_weights, {})] if settings.weight_averaging else []
    callbacks = [*schedule_callbacks(settings), *averaging, Call("callbacks.EarlyStopping", stop)]
    first = f"\n    initial_epoch={begun}," if begun else ""
    return f"""{learner}.compile(
    optimizer={write(optimizer_call(settings, recipe.has_own_rates), indent=4)},
    loss={losses},{counted}
    metrics={metrics},
)
history = {learner}.fit(
    feed(training),
    goal(training),{weighted}
    validation_data=(feed(validation), goal(validation)),
    batch_size={settings.batch_size},{first}
    epochs={begun + settings.epochs},
    callbacks=[{", ".join(map(write, callbacks))}],
    verbose=2,
)"""
