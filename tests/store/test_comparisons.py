from __future__ import annotations

from components.recipe import Recipe
from components.store import Store
from components.training.comparison.report import ComparedPoint, Comparison, ComparisonReport, Contender, Reliance

ASKED = Comparison(layouts=("average", "concatenate"), seeds=2)
REPORT = ComparisonReport(
    contenders=(
        Contender(
            name="average",
            title="Average",
            kind="layout",
            score=0.9,
            scores=(0.9,),
            reliance=(Reliance(member="a", left_out=0.1, shapley=0.2, noisy=(0.5, 0.4, 0.3)),),
        ),
    ),
    samples=10,
    seconds=1.5,
)


def test_a_comparison_is_a_run_that_waits_in_the_queue_and_stands_in_a_list_of_its_own(store: Store) -> None:
    compared, run = store.create_run(Recipe(name="several"), ASKED), store.create_run(Recipe(name="one"))
    assert store.queue() == (compared.id, run.id)
    assert [each.id for each in store.comparisons()] == [compared.id]
    assert [each.id for each in store.runs()] == [each.id for each in store.find_runs()] == [run.id]
    assert store.comparison(compared.id) == ASKED and store.comparison(run.id) is None
    assert {each.id for each in store.runs_here("queued")} == {compared.id, run.id}


def test_curves_and_report_are_kept_and_go_with_the_comparison(store: Store) -> None:
    id = store.create_run(Recipe(), ASKED).id
    points = tuple(ComparedPoint(contender="average", seed=0, epoch=epoch, loss=1.0, metric=0.5) for epoch in (0.0, 1.0))
    store.append_compared(id, points)
    assert store.compared_curves(id).points == points
    assert store.comparison_report(id) is None
    store.keep_comparison_report(id, REPORT)
    assert store.comparison_report(id) == REPORT
    store.change_state(id, "cancelled")
    assert store.remove_run(id)
    assert store.comparison(id) is None and store.compared_curves(id).points == ()
