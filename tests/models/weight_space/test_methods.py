"""Each merge on arrays, against numbers worked out by hand, by loops, or by SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import geometric_slerp

from components.models.weight_space.methods import MERGES
from components.models.weight_space.methods.average import average, wise_ft
from components.models.weight_space.methods.fisher import fisher
from components.models.weight_space.methods.model_stock import model_stock, share_of_mean
from components.models.weight_space.methods.regmean import regmean
from components.models.weight_space.methods.soup import greedy_soup
from components.models.weight_space.methods.sparse import breadcrumbs, dare
from components.models.weight_space.methods.spherical import karcher_mean, slerp
from components.models.weight_space.methods.task_arithmetic import task_arithmetic
from components.models.weight_space.methods.ties import ties
from components.recipe import Refusal

random = np.random.default_rng(0)
SHAPES = ((4, 3), (3,), (2, 2, 3, 5))


def weights(seed: int) -> list[np.ndarray]:
    draw = np.random.default_rng(seed)
    return [draw.normal(size=shape) for shape in SHAPES]


BASE = weights(0)
MEMBERS = [[start + 0.3 * change for start, change in zip(BASE, weights(seed), strict=True)] for seed in (1, 2, 3)]
INGREDIENTS = {
    "base": BASE,
    "fishers": [[array**2 for array in weights(seed)] for seed in (4, 5, 6)],
    "grams": [[array.T @ array if array.shape == (20, 4) else None for array in (draw.normal(size=(20, 4)), *BASE[1:])]
              for draw in map(np.random.default_rng, (7, 8, 9))],
    "score": lambda arrays: -float(sum(np.abs(array).sum() for array in arrays)),
}  # fmt: skip


def ingredients(members: int) -> dict[str, object]:
    return INGREDIENTS | {name: INGREDIENTS[name][:members] for name in ("fishers", "grams")}


def assert_same(found: list[np.ndarray], wanted: list[np.ndarray], atol: float = 1e-12) -> None:
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, b, atol=atol)


@pytest.mark.parametrize("name", MERGES)
def test_every_merge_explains_itself_and_leaves_its_members_alone(name: str) -> None:
    merge = MERGES[name]
    assert merge.title and merge.summary.endswith(".") and merge.formula and merge.reference and merge.failures
    assert all(field.description for field in merge.options.model_fields.values())
    members = MEMBERS[: merge.most]
    before = [[array.copy() for array in member] for member in members]
    merged = merge.apply(members, ingredients(len(members)), merge.read({}))
    assert [array.shape for array in merged] == list(SHAPES)
    assert all(array.dtype == np.float64 and np.isfinite(array).all() for array in merged)
    for member, copy in zip(members, before, strict=True):
        assert_same(member, copy, atol=0)


@pytest.mark.parametrize("name", [name for name in MERGES if name not in ("ties", "dare", "breadcrumbs", "wise-ft")])
def test_identical_members_merge_to_themselves(name: str) -> None:
    merge = MERGES[name]
    assert_same(merge.apply([MEMBERS[0]] * 2, ingredients(2), merge.read({})), MEMBERS[0], atol=1e-7)


@pytest.mark.parametrize("name", MERGES)
def test_an_unknown_option_is_refused(name: str) -> None:
    with pytest.raises(Refusal, match="colour"):
        MERGES[name].read({"colour": 1})


def test_average_and_wise_ft() -> None:
    assert_same(average(MEMBERS), [np.mean(arrays, axis=0) for arrays in zip(*MEMBERS, strict=True)])
    wanted = [np.average(arrays, axis=0, weights=[1, 0, 3]) for arrays in zip(*MEMBERS, strict=True)]
    assert_same(average(MEMBERS, weights=(1, 0, 3)), wanted)
    assert_same(wise_ft(MEMBERS[:1], BASE, alpha=0.25), [0.75 * a + 0.25 * b for a, b in zip(BASE, MEMBERS[0], strict=True)])
    for wrong in ((1.0, 2.0), (0, 0, 0), (-1, 1, 1)):
        with pytest.raises(Refusal, match="weights"):
            average(MEMBERS, weights=wrong)


def test_slerp_is_scipys_on_the_sphere() -> None:
    first, second = (vector / np.linalg.norm(vector) for vector in random.normal(size=(2, 7)))
    for t in (0.0, 0.3, 0.5, 1.0):
        np.testing.assert_allclose(slerp([[first], [second]], t=t)[0], geometric_slerp(first, second, t), atol=1e-12)
    east, north = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    np.testing.assert_allclose(slerp([[east], [north]], t=0.25)[0], [0.92387953, 0.38268343], atol=1e-8)
    np.testing.assert_allclose(slerp([[east], [3 * east]], t=0.25)[0], [1.5, 0])
    np.testing.assert_allclose(slerp([[0 * east], [3 * east]], t=0.25)[0], [0.75, 0])


def test_slerp_ends_at_its_members() -> None:
    assert_same(slerp(MEMBERS[:2], t=0), MEMBERS[0])
    assert_same(slerp(MEMBERS[:2], t=1), MEMBERS[1])


def test_the_karcher_mean_of_two_is_slerp_in_the_middle() -> None:
    first, second = (vector * 2 / np.linalg.norm(vector) for vector in random.normal(size=(2, 7)))
    np.testing.assert_allclose(karcher_mean([[first], [second]])[0], slerp([[first], [second]], t=0.5)[0], atol=1e-9)


def test_the_karcher_mean_balances_the_arcs() -> None:
    vectors = random.normal(size=(5, 4)) + 1
    mean = karcher_mean([[vector] for vector in vectors])[0]
    np.testing.assert_allclose(np.linalg.norm(mean), np.linalg.norm(vectors, axis=1).mean())
    pull = np.zeros(4)
    for vector in vectors:
        unit, at = vector / np.linalg.norm(vector), mean / np.linalg.norm(mean)
        angle = np.arccos(unit @ at)
        pull += angle / np.sin(angle) * (unit - (unit @ at) * at)
    np.testing.assert_allclose(pull, 0, atol=1e-9)
    zero, east = np.zeros(2), np.array([2.0, 0.0])
    np.testing.assert_allclose(karcher_mean([[zero], [zero]])[0], zero)
    np.testing.assert_allclose(karcher_mean([[zero], [east]])[0], [1, 0])
    np.testing.assert_allclose(karcher_mean([[-east], [east]])[0], zero)


def test_task_arithmetic() -> None:
    wanted = [b + 0.7 * ((m1 - b) * 2 + (m2 - b) * -1) for b, m1, m2 in zip(BASE, *MEMBERS[:2], strict=True)]
    assert_same(task_arithmetic(MEMBERS[:2], BASE, scale=0.7, weights=(2, -1)), wanted)
    assert_same(task_arithmetic(MEMBERS, BASE), average(MEMBERS))


TIES_CHANGES = [[4, -1, 0.5, 2, -3, 0.1], [-1, 2, 0.25, 2.5, -2, -0.2], [2, -3, -0.1, -4, 0.5, 0.3]]


@pytest.mark.parametrize(("density", "wanted"), [(0.5, [3, -3, 0, 2.25, -2.5, 0]), (1.0, [3, -2, 0.375, 2.25, -2.5, 0.2])])
def test_ties_on_a_worked_example(density: float, wanted: list[float]) -> None:
    for base in (np.zeros(6), np.arange(6.0)):
        members = [[base + change] for change in np.array(TIES_CHANGES)]
        np.testing.assert_allclose(ties(members, [base], density=density)[0], base + wanted, atol=1e-12)
        np.testing.assert_allclose(ties(members, [base], density=density, scale=2)[0], base + 2 * np.array(wanted), atol=1e-12)


def test_ties_trims_identical_members_too_unless_all_is_kept() -> None:
    change = np.array(TIES_CHANGES[0])
    for density, kept in ((1.0, change), (0.5, [4, 0, 0, 2, -3, 0])):
        np.testing.assert_allclose(ties([[change]] * 3, [np.zeros(6)], density=density)[0], kept, atol=1e-12)


def test_ties_gives_a_tie_to_the_majority() -> None:
    changes = np.array([[1.0, 2.0, 3.0], [-1.0, 2.0, 3.0]])
    found = ties([[change] for change in changes], [np.zeros(3)], density=1.0)[0]
    np.testing.assert_allclose(found, [1, 2, 3])


def test_dare_keeps_the_expectation() -> None:
    changes = [[array - start for array, start in zip(member, BASE, strict=True)] for member in MEMBERS]
    runs = [dare(MEMBERS, BASE, drop=0.7, seed=seed)[0] for seed in range(3000)]
    wanted = BASE[0] + np.mean([change[0] for change in changes], axis=0)
    error = np.sqrt(sum(change[0] ** 2 for change in changes) * 0.7 / 0.3) / 3 / np.sqrt(3000)
    assert (np.abs(np.mean(runs, axis=0) - wanted) < 5 * error).all()
    assert_same(dare(MEMBERS, BASE, drop=0.7, seed=3), dare(MEMBERS, BASE, drop=0.7, seed=3), atol=0)
    assert_same(dare(MEMBERS, BASE, drop=0), average(MEMBERS))
    for found, start, change in zip(dare(MEMBERS[:1], BASE, drop=0.5), BASE, changes[0], strict=True):
        left = np.isclose(found, start)
        assert 0 < left.sum() < left.size
        np.testing.assert_allclose((found - start)[~left], 2 * change[~left])


def test_breadcrumbs_keep_their_share() -> None:
    change = random.permutation(np.arange(1.0, 65.0)).reshape(8, 8)
    found = breadcrumbs([[change]], [np.zeros((8, 8))], density=0.9, gamma=0.01)[0]
    assert (found != 0).sum() == 57 and set(found[found != 0]) == set(range(8, 65))
    found = breadcrumbs([[change]], [np.zeros((8, 8))], density=0.5, gamma=0.25)[0]
    assert set(found[found != 0]) == set(range(17, 49))
    assert breadcrumbs([[np.ones(1)]], [np.zeros(1)], density=0.1)[0] == 1, "a small array keeps one entry"


def test_model_stock() -> None:
    assert share_of_mean(0.25, 2) == pytest.approx(0.4)
    assert share_of_mean(0.5, 2) == pytest.approx(2 / 3)
    assert share_of_mean(0.75, 2) == pytest.approx(6 / 7)
    assert (share_of_mean(-0.5, 2), share_of_mean(1, 2), share_of_mean(-1, 2)) == (0, 1, 0)
    angle = np.deg2rad(60)
    first, second = np.array([1.0, 0.0]), np.array([np.cos(angle), np.sin(angle)])
    found = model_stock([[5 + first], [5 + second]], [np.full(2, 5.0)])[0]
    np.testing.assert_allclose(found, 5 + 2 / 3 * (first + second) / 2)


def test_fisher_by_loops() -> None:
    information = INGREDIENTS["fishers"]
    for place, found in enumerate(fisher(MEMBERS, information, floor=0.5)):
        for index in np.ndindex(found.shape):
            say = [max(each[place][index], 0.5) for each in information]
            wanted = sum(s * member[place][index] for s, member in zip(say, MEMBERS, strict=True)) / sum(say)
            assert found[index] == pytest.approx(wanted)


def test_regmean_solves_the_least_squares() -> None:
    inputs = random.normal(size=(2, 30, 4))
    kernels, biases = random.normal(size=(2, 4, 3)), random.normal(size=(2, 3))
    members = [list(each) for each in zip(kernels, biases, strict=True)]
    kernel, bias = regmean(members, [[x.T @ x, None] for x in inputs], off_diagonal=1.0, ridge=1e-12)
    wanted = np.linalg.lstsq(np.concatenate(inputs), np.concatenate(inputs @ kernels), rcond=None)[0]
    np.testing.assert_allclose(kernel, wanted, atol=1e-8)
    np.testing.assert_allclose(bias, biases.mean(axis=0))
    unused = [np.diag([2.0, 1.0, 0.0, 0.0]), np.diag([1.0, 1.0, 0.0, 0.0])]
    kernel = regmean(members, [[gram, None] for gram in unused], ridge=1e-9)[0]
    np.testing.assert_allclose(kernel[2:], kernels.mean(axis=0)[2:], err_msg="what no input uses is averaged")
    np.testing.assert_allclose(kernel[0], (2 * kernels[0] + kernels[1])[0] / 3, rtol=1e-6)


def test_a_greedy_soup_is_never_worse_than_its_best_member() -> None:
    for seed in range(20):
        target = np.random.default_rng(seed).normal(size=6)
        members = [[target + np.random.default_rng((seed, m)).normal(size=6)] for m in range(5)]

        def score(arrays: list[np.ndarray], target: np.ndarray = target) -> float:
            return -float(np.square(arrays[0] - target).sum())

        assert score(greedy_soup(members, score)) >= max(map(score, members))


def test_a_greedy_soup_step_by_step() -> None:
    # 1 is best alone; with 4 the mean 2.5 is better still; with -9 it would be worse.
    members = [[np.array([4.0])], [np.array([1.0])], [np.array([-9.0])]]
    tried: list[float] = []

    def score(arrays: list[np.ndarray]) -> float:
        tried.append(float(arrays[0][0]))
        return -abs(float(arrays[0][0]) - 2)

    assert greedy_soup(members, score)[0] == 2.5
    assert tried == [4, 1, -9, 2.5, pytest.approx(-4 / 3)]
