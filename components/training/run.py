"""A training run: phase after phase is prepared and fitted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import keras

from components.data.samples import Samples
from components.data.split import Splits
from components.recipe import Recipe
from components.training.accelerator import has_accelerator
from components.training.events import Point
from components.training.feed import target_of
from components.training.fit import Observer, fit
from components.training.keeper import Keeper
from components.training.losses import objectives
from components.training.metrics import metric_of
from components.training.phases import phases
from components.training.prepare import prepare
from components.training.watch import Watch
from components.training.weights import Weights

PENALTIES = (
    "Layers of a member put penalties on weights or activations, such as L2. The loss of the curve counts them, as in Keras; "
    "the loss of a score does not, so that members and fused model compare."
)


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
    keeper: Keeper | None = None,
    observer: Observer | None = None,
) -> Trained:
    """Trains a fused model in place, and leaves it with the weights of its best validation loss.

    The first point is of the validation split before the first step. Points of the training split come at most every 0.1
    seconds, each with the mean since the one before; points of the validation split after each epoch. With several outputs,
    loss and metric are the means over them, that of the losses weighted as in training. A loss counts the penalties of
    regularisers, as Keras' does. One that is not a number ends the run. What is frozen before anything that is trained is
    computed once, not in every step. Where classes are balanced, a sample counts n / (classes · samples of its class), in
    the training loss alone; not in a regression.

    Args:
        recipe: With a graph, data, and the settings of the run.
        model: As `fusion.build` made it from the recipe.
        samples: The bound dataset.
        splits: Its splits.
        report: Is called with each point, in the order of the steps.
        stop: Is asked about ten times a second, also within an epoch, whether to end the run.
        keeper: Keeps checkpoints, and may hold one: then the run goes on from there as if it had never been cut off.
        observer: Looks at the steps of each phase, and changes nothing.

    Raises:
        Refusal: when the outputs do not fit the target, the gradient cannot pass the graph, or the settings do not go together.
    """
    keeper = keeper or Keeper(recipe)
    target = target_of(recipe)
    goals = objectives(recipe, model)
    keras.utils.set_random_seed(recipe.seed)
    weights = Weights()
    watch = Watch(metric_of(target.task), sum(goal.weight for goal in goals), len(splits.training), weights, report, stop)
    for number, phase in enumerate(phases(recipe)):
        weights.include(model)
        if keeper.found and number < keeper.found.state["phase"]:
            continue
        if keeper.found and number == keeper.found.state["phase"]:
            weights.take_up(keeper.found.arrays)
            watch.take_up(phase.settings, keeper.found.state["watch"])
        else:
            # A phase begins with the best that there was so far.
            weights.restore()
            watch.enter(phase.settings)
        prepared = prepare(recipe, phase, model, goals, samples, splits, stop)
        if prepared is None:
            watch.stopped = True
            break
        fit(prepared, phase.settings, watch, keeper, number, observer)
        if watch.ended:
            break
    weights.restore()
    said = notes(recipe, bool(model.trainable_weights), watch, watch.best_step)
    if has_penalties(model):
        said = (*said, PENALTIES)
    return Trained(watch.steps, watch.epochs, watch.best, watch.seconds, watch.stopped, said)


def has_penalties(model: keras.Model) -> bool:
    """Whether Keras adds something to the loss of the outputs: for the sizes of weights that are trained, or of activations."""
    penalised = any(variable.regularizer is not None for variable in model.trainable_variables)
    return penalised or any(getattr(layer, "activity_regularizer", None) is not None for layer in model._flatten_layers())


class Ending(Protocol):
    """How a training ended: after how many epochs, the best of them, and the step at which its loss was no number."""

    epochs: int
    best: int
    broken: int | None


def notes(recipe: Recipe, trains: bool, ending: Ending, best_step: int | None = None) -> tuple[str, ...]:
    """Sentences worth reading on how a training ended.

    Args:
        recipe: What was trained.
        trains: Whether the model has anything to train.
        ending: How it ended.
        best_step: The step within an epoch whose weights were kept, where they were better than those of any epoch.
    """
    said = []
    if not trains:
        said.append("Nothing in this model can be trained: all members are frozen, and the layout adds no weights of its own.")
    if recipe.training.precision != "float32" and not has_accelerator():
        said.append("Members computed in mixed precision, which gains nothing here: there is no GPU. Set it to float32.")
    if ending.broken is not None:
        kept = f"of epoch {ending.best}" if ending.best else "from before the run"
        if best_step is not None:
            kept = f"of the checkpoint at step {best_step}"
        said.append(
            f"The loss was no longer a number at step {ending.broken}, so the run ended, and the weights {kept} were kept: "
            "no others of this run have a lower validation loss. "
            f"Lower the learning rate (it is {recipe.training.learning_rate:g}), and look for very large values in the data."
        )
    elif trains and not ending.best and ending.epochs:
        said.append(
            "No epoch was better on the validation split than the model before training, so its first weights were kept."
        )
    return tuple(said)
