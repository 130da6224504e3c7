"""The dataset, its target and its splits."""

import pandas as pd
import streamlit as st

from components.data.binding import feedable, inputs_of
from components.data.check import check
from components.data.examples import EXAMPLES
from components.engine.uploads import take_dataset, take_example
from components.recipe import Data, Refusal, Split
from components.views import services
from components.views.data_folder_view import choose_in_folder
from components.views.dataset_views import is_picture, picture, show_class_counts, show_images
from components.views.draft import Draft, edited
from components.views.fitness import usable_layouts
from components.views.go_to import go_to
from components.views.page import caption, choices_and_picture, key_values, next_step, notice, page_header, panel, refusal
from components.views.reading_form import reading_form
from components.views.services import bound, engine, facts, store, tried
from components.views.small_member_view import is_training, offer_pair, show_trainings
from components.views.target_form import target_form
from components.views.upload import upload

draft = Draft()

SHARES = (
    ("validation", "shown while training", 5),
    ("test", "opened once, at the end", 5),
    ("calibration", "for a temperature after training", 0),
)
"""What is kept from training: the share's name, what it is for, and its least value in percent."""
members = list(facts(draft.recipe).values())


def take(stream, file_name, beside):
    draft.choose_data(take_dataset(engine(), store(), stream, file_name, beside))
    return ""


def choose(dataset):
    with st.spinner("Reading the dataset and trying the members on it …", show_time=True):
        draft.choose_data(dataset)
    st.rerun()


def sources():
    """Examples, uploads and what was brought before."""
    with panel("Examples"), st.container(horizontal=True):
        for example in EXAMPLES.values():
            if st.button(example.title, key=f"example-{example.name}", help=example.sentence):
                choose(take_example(engine(), store(), example.name))
    with panel("Your own"):
        upload(
            "A table (.csv, .tsv, .xlsx, .parquet), arrays (.npz, or x.npy and y.npy) or pictures in class folders (.zip)",
            take,
            key="upload-data",
            doing="being read in a process of its own …",
            several=True,
            only_one=True,
        )
        kept = {card.sha256: card for card in store().datasets() if card.format != "example"}
        if kept:
            again = st.selectbox(
                "Brought before",
                list(kept),
                index=None,
                format_func=lambda sha: kept[sha].file_name,
                placeholder="Choose a dataset",
            )
            if again and (draft.recipe.data is None or again != draft.recipe.data.sha256):
                choose(kept[again])
        choose_in_folder(choose)


def binding(data, dataset):
    """Target, task, inputs and split: proposed, and changeable."""
    columns = {column.name: column for column in dataset.columns}
    predicted = {name for target in data.targets for name in target.sources}

    def bind(**changes):
        draft.edit(data=Data(**{**dict(data), **changes}))

    def choose_inputs(names):
        bind(inputs=inputs_of(dataset, predicted, members, only=names))

    reading_form(draft)
    with panel("What is predicted"):
        target_form(draft, data, dataset, members)
        feeding = [name for each in data.inputs for name in (each.columns or (each.array,))]
        edited(
            st.multiselect,
            "Inputs",
            feeding,
            choose_inputs,
            key="inputs",
            options=[name for name, column in columns.items() if feedable(column) and name not in predicted],
            help="What feeds the members: numbers in the order of the file, behind them words, one place for each of them.",
        )
    scalars = [column.name for column in dataset.columns if not column.shape and column.name not in predicted]
    with panel("Split"):
        for name, label in (("group", "Group: samples that stay together"), ("order", "Order: the last are the test")):
            edited(
                st.selectbox,
                label,
                getattr(data.split, name),
                lambda value, name=name: bind(split=Split(**{**dict(data.split), "group": None, "order": None, name: value})),
                key=f"split-{name}",
                options=scalars,
                placeholder="None: drawn at random",
            )
        for name, sentence, least in SHARES:
            edited(
                st.slider,
                f"{name.capitalize()}: {sentence}",
                round(getattr(data.split, name) * 100),
                lambda value, name=name: bind(split=Split(**{**dict(data.split), name: value / 100})),
                key=f"split-{name}",
                min_value=least,
                max_value=40,
                step=5,
                format="%d %%",
            )
        edited(
            st.number_input,
            "Seed of the split",
            data.split.seed,
            lambda value: bind(split=Split(**{**dict(data.split), "seed": value})),
            key="split-seed",
            min_value=0,
            step=1,
        )


def preview(data, dataset):
    """What the dataset looks like, and how it is split."""
    with panel(dataset.file_name, key="preview"):
        counts = bound(data)
        key_values(
            {
                "Samples": f"{dataset.rows:,}",
                "Inputs": ", ".join(" × ".join(map(str, each.shape)) for each in data.inputs),
                "Training, validation, test": f"{counts.training:,} · {counts.validation:,} · {counts.test:,}",
                **({"Calibration": f"{counts.calibration:,}"} if counts.calibration else {}),
            }
        )
        for note in dict.fromkeys((*dataset.notes, *counts.notes)):
            notice(note)
        if draft.recipe.members:
            for warning in tried(draft.recipe)[1].values():
                notice(warning)
        if counts.class_counts:
            show_class_counts(data.target.classes, counts.class_counts)
        first_samples(data, dataset)
        with st.expander("Columns"):
            st.dataframe(
                pd.DataFrame(
                    {
                        **column.model_dump(include={"name", "kind", "missing", "minimum", "maximum"}),
                        "words": column.classes if column.kind == "text" else (),
                    }
                    for column in dataset.columns
                ),
                hide_index=True,
            )


def first_samples(data, dataset):
    """The first samples: pictures where they are pictures, rows where they are rows."""
    pictures = [each for each in data.inputs if each.array and is_picture(each.shape)]
    for each in pictures:
        shown = [row for row in dataset.preview if each.array in row]
        show_images([picture(row[each.array]) for row in shown], [_label(data.target, row) for row in shown])
    rows = pd.DataFrame(dataset.preview).drop(columns=[each.array for each in pictures], errors="ignore")
    if not pictures:
        st.dataframe(rows, hide_index=True, height=280)
    caption("The first samples as they are in the file.")


def _label(target, row):
    return ", ".join(f"{row[name]}" if len(target.sources) == 1 else f"{name} {row[name]}" for name in target.sources)


def onward(data):
    """To the layouts, or first to members, which those who have only data train here."""
    if len(members) >= 2:
        try:
            usable_layouts(draft.recipe)
        except Refusal as no:
            refusal(no.sentence, no.detail, title="These members do not fit the data")
        next_step("Choose a layout", "fuse.py")
        return
    with panel("Members"):
        show_trainings(draft)
        if not is_training():
            offer_pair(draft, data, primary=True)
        if st.button("Bring trained models", key="bring-models"):
            go_to("models.py")


page_header("Data", "On what should the fused model be trained, and what should it predict?")
data = draft.recipe.data
choices, shown = choices_and_picture(key="data")
with choices:
    sources()
    if data:
        dataset = services.dataset(data)
        binding(data, dataset)
with shown:
    if data:
        check(data, dataset)
        preview(data, dataset)
        onward(data)
    else:
        with panel("No dataset yet", key="empty"):
            caption("Choose an example or upload a table; the target and the inputs are proposed, and you can change them.")
