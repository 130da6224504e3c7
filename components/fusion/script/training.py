"""The part of the script that trains and saves."""

from __future__ import annotations

from components.fusion.averaging import averaged_weights
from components.fusion.keras_calls import Call, write
from components.fusion.operator import plain_source
from components.fusion.operators import OPERATORS
from components.fusion.optimizer import optimizer_call
from components.fusion.schedules import schedule_callbacks, warm_up
from components.recipe import FusionGraph, OperatorNode, OutputNode, Task, Training

_OBJECTIVES: dict[Task, tuple[str, str, str]] = {
    "multiclass": ("target", "sparse_categorical_crossentropy", "accuracy"),
    "binary": ("target[:, None]", "binary_crossentropy", "accuracy"),
    "regression": ("target[:, None]", "mean_squared_error", "mean_absolute_error"),
}


def training_lines(settings: Training, task: Task, graph: FusionGraph) -> str:
    """Compiles, trains, judges on the test split, and saves; every output learns the same target.

    Where no gradient passes through an operator there is nothing to train, and the model is saved as it is.
    """
    if any(isinstance(node, OperatorNode) and not OPERATORS[node.operator].gradient for node in graph.nodes):
        return '# No gradient passes through this layout, so there is nothing to train.\nmodel.save("fused.keras")'
    labels, loss, metric = _OBJECTIVES[task]
    weights = [node.loss_weight for node in graph.nodes if isinstance(node, OutputNode)]
    outputs = len(weights)
    losses, metrics = (
        (f'["{loss}"] * {outputs}', f'[["{metric}"]] * {outputs}') if outputs > 1 else (f'"{loss}"', f'["{metric}"]')
    )
    counted = f"\n    loss_weights={weights}," if any(weight != 1 for weight in weights) else ""
    stop = {"patience": settings.patience or settings.epochs, "restore_best_weights": True}
    averaging = [Call(averaged_weights, {})] if settings.weight_averaging else []
    callbacks = [*schedule_callbacks(settings), *averaging, Call("callbacks.EarlyStopping", stop)]
    optimizer = write(optimizer_call(settings), indent=4)
    counting = f"steps_per_epoch = -(-len(training) // {settings.batch_size})\n" if "steps_per_epoch" in optimizer else ""
    averaged = f"{plain_source(averaged_weights)}\n\n\n" if averaging else ""
    rising = f"{plain_source(warm_up)}\n\n\n" if settings.warm_up else ""
    # A warm-up is nothing that Keras could open, so its optimizer is left out of the file.
    saved = 'keras.Model(model.inputs, model.outputs, name="fused")' if settings.warm_up else "model"
    balanced = settings.balance_classes and task != "regression"
    counts = 'compute_sample_weight("balanced", target[training])'
    weighted = f"\n    sample_weight=one_or_all([{counts}] * {outputs})," if balanced else ""
    imported = "from sklearn.utils.class_weight import compute_sample_weight\n\n" if balanced else ""
    return f"""{imported}{averaged}{rising}labels = {labels}


def goal(samples: np.ndarray) -> Any:
    \"\"\"What each output is to learn for these samples.\"\"\"
    return one_or_all([labels[samples]] * {outputs})


{counting}model.compile(
    optimizer={optimizer},
    loss={losses},{counted}
    metrics={metrics},
)
history = model.fit(
    feed(training),
    goal(training),{weighted}
    validation_data=(feed(validation), goal(validation)),
    batch_size={settings.batch_size},
    epochs={settings.epochs},
    callbacks=[{", ".join(map(write, callbacks))}],
    verbose=2,
)
print(model.evaluate(feed(test), goal(test), return_dict=True, verbose=0))
results["after training"] = predict(test)
{saved}.save("fused.keras")"""
