"""Layouts over the same frozen members, trained in one pass over features that are computed once."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from components.data.columns import Array
from components.data.on_disk import taken
from components.data.samples import Samples
from components.data.split import Splits
from components.fusion.averaging import averaged_weights
from components.fusion.branch import one_or_all
from components.fusion.build_together import Joint, build_together
from components.recipe import Recipe, Refusal
from components.training.alone import predict
from components.training.batches import evaluation_batches, training_batches
from components.training.events import Point
from components.training.feed import target_of
from components.training.losses import objectives
from components.training.metrics import metric_of
from components.training.pace import set_pace
from components.training.prepare import compile_learner, sample_weights
from components.training.run import Trained, notes
from components.training.together.features import Features
from components.training.together.flat import update_at_once
from components.training.together.head import Head, Reading
from components.training.together.joinable import are_joinable, why_alone
from components.training.together.watch import JointWatch

JointObserver = Callable[[keras.Model, JointWatch], keras.callbacks.Callback]
"""Is given the compiled model before its first step, with what counts its steps."""


class JointTraining:
    """Trains several layouts together, for one seed after another; the frozen members run over the data once for all of it.

    Each layout begins, learns and ends as it would alone: no weight is in two of them, so the gradient of the sum of all losses
    is for each weight that of its own layout's loss, and an optimizer keeps its state for each weight by itself.

    Args:
        recipes: Of layouts that fit, alike in all but their graphs.
        models: The members' models by the members' names.
        samples: The bound dataset.
        splits: Its splits.
        stop: Is asked about ten times a second whether to end.

    Raises:
        Refusal: when recipes cannot be trained together, or outputs do not fit the target.
    """

    def __init__(
        self,
        recipes: Sequence[Recipe],
        models: Mapping[str, keras.Model],
        samples: Samples,
        splits: Splits,
        stop: Callable[[], bool],
    ) -> None:
        _check(recipes, models)
        self._recipes, self._models, self._stop, self._target, self._splits = recipes, models, stop, samples.target, splits
        self._first = recipes[0]
        self._joint = build_together(recipes, models)
        self._begun: int | None = self._first.seed
        singles = [self._joint.single(index) for index in range(len(recipes))]
        self._goals = [objectives(recipe, single) for recipe, single in zip(recipes, singles, strict=True)]
        self._trained = [index for index, single in enumerate(singles) if single.trainable_weights]
        rows = {"training": splits.training, "validation": splits.validation, "test": splits.test}
        inputs = [samples.inputs[binding] for binding in self._joint.bindings]
        self._inputs = {name: [taken(values, part) for values in inputs] for name, part in rows.items()}
        self._features: Features | None = None
        self._optimizer: list[Array] = []
        if self._trained:
            self._features = Features(self._part_of(self._trained), inputs, rows, stop)
            self._compile(self._features.learner)

    @property
    def joint(self) -> Joint:
        """All layouts as one model, with the weights of the last training."""
        return self._joint

    def train(
        self, seed: int, report: Callable[[int, Point], None], observer: JointObserver | None = None
    ) -> tuple[Trained, ...] | None:
        """Trains all layouts from the start that this seed gives them, and leaves each with the weights of its best epoch.

        Args:
            seed: Of first weights, chance and the order of the batches.
            report: Is called with the place of a layout and the next point of its curve.
            observer: Looks at the steps, and changes nothing; is asked for its callback once.

        Returns:
            How the training of each ended, in the order of the recipes; `seconds` is the time of all of them. None when someone
            stopped it.
        """
        began = time.monotonic()
        self._begin(seed)
        heads = {index: self._head(index, report) for index in self._trained}
        if self._features is not None and not self._fit(self._features, seed, list(heads.values()), observer):
            return None
        seconds = time.monotonic() - began
        still = Head([], [], 0, lambda point: None)
        ends = [(heads.get(index, still), index in heads) for index in range(len(self._recipes))]
        return tuple(
            Trained(head.steps, head.epochs, head.best, seconds, notes=notes(self._first, trains, head))
            for head, trains in ends
        )

    def predict(self, split: str) -> list[list[Array]]:
        """What the outputs of each layout give for `training`, `validation` or `test`, as they are after the last training."""
        places = self._joint.outputs
        found: dict[int, Array] = {}
        still = [index for index in range(len(self._recipes)) if index not in self._trained]
        if self._features is not None:
            found.update(zip(self._places(self._trained), self._features.predict(split), strict=True))
        if still:
            found.update(zip(self._places(still), predict(self._part_of(still), self._inputs[split]), strict=True))
        return [[found[place] for place in each] for each in places]

    def _places(self, indices: Sequence[int]) -> list[int]:
        return [place for index in indices for place in self._joint.outputs[index]]

    def _part_of(self, indices: Sequence[int]) -> keras.Model:
        """The model of some of the layouts."""
        model = self._joint.model
        return keras.Model(model.inputs, one_or_all([model.outputs[place] for place in self._places(indices)]))

    def _compile(self, learner: keras.Model) -> None:
        steps = math.ceil(len(self._splits.training) / self._first.training.batch_size)
        compile_learner(learner, self._first.training, [goal for index in self._trained for goal in self._goals[index]], steps)
        update_at_once(learner.optimizer, learner.trainable_variables)
        learner.optimizer.build(learner.trainable_variables)
        self._optimizer = [variable.numpy() for variable in learner.optimizer.variables]

    def _begin(self, seed: int) -> None:
        """Sets every variable to what it is when training begins with a seed; what was traced stays."""
        if seed != self._begun:
            again = [recipe.model_copy(update={"seed": seed}) for recipe in self._recipes]
            start = build_together(again, self._models).model.variables
            for variable, value in zip(self._joint.model.variables, start, strict=True):
                variable.assign(value)
        if self._features is not None:
            for variable, value in zip(self._features.learner.optimizer.variables, self._optimizer, strict=True):
                variable.assign(value)
        self._begun = None
        keras.utils.set_random_seed(seed)

    def _head(self, index: int, report: Callable[[int, Point], None]) -> Head:
        return Head(
            self._readings(index),
            self._joint.own_weights(index),
            self._first.training.patience,
            lambda point: report(index, point),
        )

    def _readings(self, index: int) -> list[Reading]:
        """Where the learner's logs have a layout's outputs; Keras names them after their layers where there are several."""
        assert self._features is not None
        metric, names = metric_of(target_of(self._first).task), self._features.learner.output_names
        keys = [("loss", metric)] if len(names) == 1 else [(f"{name}_loss", f"{name}_{metric}") for name in names]
        by_place = dict(zip(self._places(self._trained), keys, strict=True))
        return [
            Reading(*by_place[place], weight=goal.weight, counted=goal.weight if len(names) == 1 else 1.0)
            for place, goal in zip(self._joint.outputs[index], self._goals[index], strict=True)
        ]

    def _fit(self, features: Features, seed: int, heads: Sequence[Head], observer: JointObserver | None) -> bool:
        """Keras' own `fit` over all that is trained; False when someone stopped it."""
        settings, learner, rows = self._first.training, features.learner, self._splits
        fed, validated = features.of("training"), features.of("validation")
        if fed is None or validated is None:
            return False
        goals = [goal for index in self._trained for goal in self._goals[index]]
        targets, wanted = (
            _shared([goal.target(self._target[part]) for goal in goals]) for part in (rows.training, rows.validation)
        )
        weights = sample_weights(self._first, settings, self._target[rows.training])
        batches, epoch = training_batches(fed, targets, settings.batch_size, seed, weights)
        validation = evaluation_batches(validated, wanted, settings.batch_size)
        watch = JointWatch(heads, len(rows.training), settings.batch_size, self._stop)
        next_epoch = keras.callbacks.LambdaCallback(on_epoch_begin=lambda number, logs: epoch.assign(number))
        averaging = [averaged_weights()] if settings.weight_averaging else []
        observers = [] if observer is None else [observer(learner, watch)]
        callbacks: list[Any] = [next_epoch, *averaging, watch, *observers]
        with warnings.catch_warnings():
            # Parts through which no gradient flows are shown on the Gradients page; here they are no reason to stop.
            warnings.filterwarnings("ignore", message="Gradients do not exist")
            set_pace(learner, batches)
            watch.start(learner.evaluate(validation, callbacks=[watch], verbose=0, return_dict=True))
            if not watch.ended:
                learner.fit(
                    batches,
                    epochs=settings.epochs,
                    validation_data=validation,
                    callbacks=callbacks,
                    shuffle=False,
                    verbose=0,
                )
        watch.restore()
        return not watch.stopped


def _shared(arrays: Sequence[Array]) -> list[Array]:
    """The arrays, those that are equal as one and the same."""
    kept: list[Array] = []
    for array in arrays:
        kept.append(next((each for each in kept if each.dtype == array.dtype and np.array_equal(each, array)), array))
    return kept


def _check(recipes: Sequence[Recipe], models: Mapping[str, keras.Model]) -> None:
    if not are_joinable(recipes):
        raise Refusal("Layouts that train together share members, data, settings and seed; these differ.")
    for recipe in recipes:
        if why := why_alone(recipe, models):
            raise Refusal(f"{recipe.layout or recipe.name} cannot be trained together with others: {why}.")
