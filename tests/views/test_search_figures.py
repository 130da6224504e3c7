import pytest

from components.recipe.search import Over, Search
from components.training.search.trials import Trial, Trials
from components.views.search_figures import importance_figure, parallel_figure


def trial(number, rate, layout, state="done", loss=None):
    return Trial(number=number, values={"learning_rate": rate, "layout": layout}, state=state, loss=loss, epochs=1)


@pytest.fixture
def trials():
    over = (Over(name="learning_rate", low=1e-4, high=1e-1), Over(name="layout", values=("average", "stacking", "concatenate")))
    found = (
        trial(1, 1e-4, "average", loss=0.5),
        trial(2, 1e-1, "stacking", "given up", loss=0.9),
        trial(3, 10**-2.5, "concatenate", loss=0.1),
        trial(4, 1e-3, "average", "running"),
        trial(5, 1e-3, "average", "failed"),
    )
    return Trials(search=Search(over=over), metric="accuracy", trials=found)


def test_every_trial_with_a_loss_is_a_line_and_the_best_stands_out_on_top(trials):
    figure = parallel_figure(trials)
    worst, middle, best = figure["data"]
    assert worst["y"] == pytest.approx([1, 0.5, 0]) and worst["line"]["dash"] == "dot"
    assert middle["y"] == pytest.approx([0, 0, 0.5]) and middle["line"]["dash"] == "solid"
    assert best["y"] == pytest.approx([0.5, 1, 1]) and best["line"]["width"] > middle["line"]["width"]
    words = {(note["x"], note["text"]): note["y"] for note in figure["layout"]["annotations"]}
    assert words[0, "0.0001"] == 0 and words[0, "0.1"] == 1 and words[2, "0.1"] == 1 and words[2, "0.9"] == 0
    assert "The best, trial 3, has 0.1." in figure["alt"]


def test_a_search_without_a_loss_yet_has_axes_alone(trials):
    figure = parallel_figure(trials.model_copy(update={"trials": trials.trials[3:]}))
    assert figure["data"] == [] and len(figure["layout"]["annotations"]) == 5


def test_importances_stand_largest_on_top():
    [bars] = importance_figure({"layout": 0.2, "learning_rate": 0.8})["data"]
    assert bars["y"] == ["Layout", "Rate"] and bars["x"] == [0.2, 0.8] and bars["text"] == ["20%", "80%"]
