import pytest
from streamlit.testing.v1 import AppTest

from components.training.comparison.report import ComparedPoint, ComparisonReport, Contender, Reliance
from components.views.comparison_figures import cost_figure, curves_figure, pareto
from components.views.comparison_table import table_of
from components.views.worth_figures import noise_figure, worth_figure


def row(name, score, kind="layout", **known):
    return Contender(name=name, title=name.title(), kind=kind, score=score, scores=(score,), **known)


ROWS = (
    row("concatenate", 0.9, parameters=100, latency=2.0, deviation=0.01, low=0.85, high=0.94),
    row("average", 0.8, parameters=10, latency=3.0),
    row("bilinear", 0.85, parameters=1000, latency=1.0),
    row("<b>a</b>", 0.7, kind="member", parameters=5),
    Contender(name="series", title="Series", kind="layout", note="It does not fit."),
)


def test_the_front_is_what_no_other_beats_in_both():
    assert pareto([(3, 0.5), (1, 0.2), (2, 0.6), (4, 0.6), (1, 0.3), (5, 0.7)]) == [4, 2, 5]
    assert pareto([]) == []


@pytest.mark.parametrize(
    ("cost", "best"), [("parameters", ["<B>A</B>", "Average", "Concatenate"]), ("latency", ["Bilinear", "Concatenate"])]
)
def test_scores_against_a_cost_name_the_front_and_leave_out_what_is_not_known(cost, best):
    figure = cost_figure(ROWS, cost, "Accuracy")
    assert figure["alt"].endswith(f"{', '.join(best)}.")
    names = [note["text"] for note in figure["layout"]["annotations"]]
    assert len(names) == len(best) and not any("<" in name for name in names)


def test_the_chart_of_costs_needs_no_margin_for_names_and_its_axes_end_where_scores_do():
    layout = cost_figure(ROWS, "parameters", "Accuracy")["layout"]
    first, *_, last = layout["annotations"]
    assert (first.get("xanchor"), last["xanchor"]) == (None, "right"), "names stand towards the middle"
    left, right = layout["xaxis"]["range"]
    assert left < 0.69 < 3 < right, "from 5 to 1000 weights, as powers of ten, with air"
    assert (layout["yaxis"]["minallowed"], layout["yaxis"]["maxallowed"]) == (0, 1)
    below = cost_figure([row("average", -0.4, parameters=3)], "parameters", "R²")["layout"]["yaxis"]
    assert "minallowed" not in below and below["maxallowed"] == 1, "R² may be below 0"


def test_a_line_is_the_mean_over_trainings_with_gaps_where_there_is_no_number():
    points = [
        ComparedPoint(contender="average", seed=seed, epoch=epoch, loss=loss, metric=0.5)
        for seed, losses in enumerate(([4.0, 2.0], [2.0, float("nan")]))
        for epoch, loss in enumerate(losses)
    ]
    [line] = curves_figure(points, "loss", "Loss", titles={"average": "Average", "series": "Series"}, epochs=3)["data"]
    assert (line["x"], line["y"]) == ([0.0, 1.0], [3.0, None])


def test_worth_and_noise_are_drawn_for_each_member():
    relied = row(
        "concatenate",
        0.9,
        reliance=(
            Reliance(member="a", left_out=0.3, shapley=0.5, noisy=(0.8, 0.7, 0.6)),
            Reliance(member="b", left_out=0.1, shapley=0.3),
        ),
    )
    assert [bar["x"] for bar in worth_figure([relied, ROWS[1]], ["a", "b"])["data"]] == [[0.5], [0.3]]
    noise = noise_figure(relied, ["a", "b"], "Accuracy")
    assert (noise["layout"]["yaxis"]["minallowed"], noise["layout"]["yaxis"]["maxallowed"]) == (0, 1)
    [line] = noise["data"]
    assert (line["x"], line["y"]) == ([0.0, 0.25, 0.5, 1.0], [0.9, 0.8, 0.7, 0.6])


def of_equal_members():
    """The page's part on members where none of them changes the score."""
    from datetime import datetime

    from components.recipe import Recipe
    from components.store import Run
    from components.training.comparison.report import ComparisonReport, Contender, Reliance
    from components.views.comparison_members import members_part

    reliance = (Reliance(member="a", left_out=0, shapley=0), Reliance(member="b", left_out=0, shapley=-1e-9))
    average = Contender(name="average", title="Average", kind="layout", score=0.5, reliance=reliance)
    report = ComparisonReport(contenders=(average,), samples=1, seconds=1)
    members_part(
        report, ["a", "b"], "multiclass", Run(id="r", name="r", recipe=Recipe(), state="done", created=datetime(2026, 1, 1))
    )


def test_members_that_change_nothing_are_told_in_words():
    page = AppTest.from_function(of_equal_members).run(timeout=30)
    assert not page.exception and "No member changes the score" in "".join(part.value for part in page.get("html"))


def test_the_table_leaves_out_columns_that_say_nothing():
    table = table_of(ROWS, "multiclass")
    assert list(table["95 %"][:2]) == ["0.850 – 0.940", "n/a"] and "Note" in table and "Calibration error" not in table
    assert "Note" not in table_of(ROWS[:3], "regression") and "R²" in table_of(ROWS, "regression")
    assert ComparisonReport(contenders=ROWS, samples=1, seconds=1).oracle is None
