"""A training run: Keras' own `fit`, watched."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
from sklearn.utils.class_weight import compute_sample_weight

from components.data.samples import Samples
from components.data.split import Splits
from components.fusion.averaging import averaged_weights
from components.fusion.keras_calls import make
from components.fusion.optimizer import optimizer_call
from components.fusion.schedules import schedule_callbacks
from components.recipe import Recipe, Refusal
from components.training.batches import evaluation_batches, training_batches
from components.training.events import Point
from components.training.feed import feed, loss_weights, target_of
from components.training.frozen import halves
from components.training.losses import Objective, objectives
from components.training.metrics import metric_of
from components.training.pace import set_pace
from components.training.watch import Watch


@dataclass(frozen=True)
class Trained:
    """How a run ended. The model holds the weights of `best_epoch`, which is 0 where none was better than its start.

    `steps` and `epochs` are those that were made; `seconds` is all of the run's time; `stopped` whether someone stopped it.
    """

    steps: int
    epochs: int
    best_epoch: int
    seconds: float
    stopped: bool = False
    notes: tuple[str, ...] = ()


def train(
    recipe: Recipe,
    model: keras.Model,
    samples: Samples,
    splits: Splits,
    report: Callable[[Point], None],
    stop: Callable[[], bool],
) -> Trained:
    """Trains a fused model in place, and leaves it with the weights of its best validation loss.

    The first point is of the validation split before the first step. Points of the training split come at most every
    0.1 seconds, each with the mean since the one before; points of the validation split after each epoch. With several
    outputs, loss and metric are the means over them, that of the losses weighted as in training. A loss that is not a number
    ends the run. What is frozen before anything that is trained is computed once, not in every step. Where classes are
    balanced, a sample counts n / (classes · samples of its class), in the training loss alone; not in a regression.

    Args:
        recipe: With a graph, data, and the settings of the run.
        model: As `fusion.build` made it from the recipe.
        samples: The bound dataset.
        splits: Its splits.
        report: Is called with each point, in the order of the steps.
        stop: Is asked about ten times a second, also within an epoch, whether to end the run.

    Raises:
        Refusal: when the outputs do not fit the target, the gradient cannot pass the graph, or the settings do not go together.
    """
    started = time.monotonic()
    settings = recipe.training
    target = target_of(recipe)
    goals = objectives(model, target.task, len(target.classes), loss_weights(recipe))
    parts = (splits.training, splits.validation)
    inputs = [[array[part] for array in feed(recipe, samples)] for part in parts]
    keras.utils.set_random_seed(recipe.seed)
    # A saved model has its optimizer with it, and a warm-up is nothing that Keras could open: another one is compiled.
    learner = keras.Model(model.inputs, model.outputs) if settings.warm_up else model
    cut = halves(model, sum(map(len, parts)))
    if cut is not None:
        features = [cut.arrays(each, stop) for each in inputs]
        kept = [each for each in features if each is not None]
        if len(kept) < len(features):
            return Trained(0, 0, 0, time.monotonic() - started, stopped=True)
        learner, inputs = cut.second, kept
    steps_per_epoch = math.ceil(len(splits.training) / settings.batch_size)
    _compile(learner, make(optimizer_call(settings), steps_per_epoch), goals)

    training, validation = (
        (arrays, [goal.target(samples.target[part]) for goal in goals]) for arrays, part in zip(inputs, parts, strict=True)
    )
    balanced = settings.balance_classes and target.task != "regression"
    weights = compute_sample_weight("balanced", samples.target[splits.training]) if balanced else None
    batches, epoch = training_batches(*training, settings.batch_size, recipe.seed, weights)
    checked = evaluation_batches(*validation, settings.batch_size)
    weight = sum(goal.weight for goal in goals)
    watch = Watch(metric_of(target.task), weight, len(splits.training), settings.batch_size, settings.patience, report, stop)
    changing = [make(call, steps_per_epoch) for call in schedule_callbacks(settings)]
    if settings.weight_averaging:
        changing.append(averaged_weights())
    with warnings.catch_warnings():
        # Parts through which no gradient flows are shown on the Gradients page; here they are no reason to stop.
        warnings.filterwarnings("ignore", message="Gradients do not exist")
        if learner.trainable_weights:
            _with_gradient(lambda: set_pace(learner, batches))
        watch.start(learner.evaluate(checked, callbacks=[watch], verbose=0, return_dict=True))
        if learner.trainable_weights and not watch.ended:
            next_epoch = keras.callbacks.LambdaCallback(on_epoch_begin=lambda number, logs: epoch.assign(number))
            _with_gradient(
                lambda: learner.fit(
                    batches,
                    epochs=settings.epochs,
                    validation_data=checked,
                    callbacks=[next_epoch, *changing, watch],
                    shuffle=False,
                    verbose=0,
                )
            )
    watch.restore()
    return Trained(
        watch.steps, watch.epochs, watch.best, time.monotonic() - started, watch.stopped, _notes(recipe, model, watch)
    )


def _compile(model: keras.Model, optimizer: keras.Optimizer, goals: Sequence[Objective]) -> None:
    model.compile(
        optimizer=optimizer,
        loss=[goal.loss for goal in goals],
        loss_weights=[goal.weight for goal in goals],
        metrics=[[goal.metric] for goal in goals],
        # On a CPU, XLA takes seconds to compile and makes slower steps.
        jit_compile=False,
    )


def _with_gradient(work: Callable[[], object]) -> None:
    try:
        work()
    except ValueError as error:
        if "No gradients provided" not in str(error):
            raise
        raise Refusal(
            "No gradient reaches anything that can be trained in this layout. Choose another layout, or un-freeze a member."
        ) from error


def _notes(recipe: Recipe, model: keras.Model, watch: Watch) -> tuple[str, ...]:
    notes = []
    if not model.trainable_weights:
        notes.append("Nothing in this model can be trained: all members are frozen, and the layout adds no weights of its own.")
    if watch.broken is not None:
        kept = f"the weights of epoch {watch.best}" if watch.best else "the weights from before the run"
        notes.append(
            f"The loss was no longer a number at step {watch.broken}, so the run ended and {kept} were kept. "
            f"Lower the learning rate (it is {recipe.training.learning_rate:g}), and look for very large values in the data."
        )
    elif model.trainable_weights and not watch.best and watch.epochs:
        notes.append(
            "No epoch was better on the validation split than the model before training, so its first weights were kept."
        )
    return tuple(notes)
