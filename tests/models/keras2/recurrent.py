"""Recurrent layers, their cells and wrappers, masks, and attention."""

from __future__ import annotations

import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers as L

from tests.models.keras2.row import in_a_row

Input, Model, Sequential = keras.Input, keras.Model, keras.Sequential


def bidirectional_merges() -> Model:
    x = Input((5, 2))
    outputs = [
        L.Bidirectional(L.LSTM(3, return_sequences=True), merge_mode=mode)(x) for mode in ("sum", "mul", "ave", "concat")
    ]
    return Model(x, [*outputs, *L.Bidirectional(L.GRU(2), merge_mode=None)(x)])


def bidirectional_of_two_kinds() -> Model:
    x = Input((5, 2))
    y = L.Bidirectional(L.LSTM(3), backward_layer=L.GRU(3, go_backwards=True, reset_after=False))(x)
    return Model(x, L.Dense(2)(y))


def bidirectional_states() -> Model:
    x = Input((5, 2))
    y, *states = L.Bidirectional(L.LSTM(3, return_sequences=True, return_state=True))(x)
    z = L.Bidirectional(L.LSTM(3))(y, initial_state=states)
    return Model(x, L.Dense(2)(z))


def sequence_to_sequence() -> Model:
    words, spoken = Input((None,), name="words"), Input((None,), name="spoken")
    _, h, c = L.LSTM(4, return_state=True, name="encoder")(L.Embedding(9, 3, mask_zero=True)(words))
    y = L.LSTM(4, return_sequences=True, name="decoder")(L.Embedding(7, 3, mask_zero=True)(spoken), initial_state=[h, c])
    return Model([words, spoken], L.TimeDistributed(L.Dense(7, activation="softmax"))(y))


def gru_with_state() -> Model:
    x, start = Input((5, 2)), Input((3,))
    y, state = L.GRU(3, return_sequences=True, return_state=True)(x, initial_state=start)
    return Model([x, start], [y, L.Dense(2)(state)])


def time_distributed_model() -> Model:
    y = Input((6, 6, 1))
    frame = Model(y, L.Flatten()(L.MaxPooling2D()(L.Conv2D(2, 3, activation="relu")(y))), name="frame")
    x = Input((4, 6, 6, 1))
    return Model(x, L.Dense(2)(L.LSTM(3)(L.TimeDistributed(frame)(x))))


def time_distributed_sequential() -> Model:
    row = Sequential([L.Dense(3, activation="relu", input_shape=(4,)), L.BatchNormalization(), L.Dense(2)])
    return Sequential([L.TimeDistributed(row, input_shape=(5, 4)), L.Bidirectional(L.SimpleRNN(2, activation="relu"))])


def masks_through_merges() -> Model:
    x = Input((6, 2))
    y = L.Masking(0.0)(x)
    a, b = L.LSTM(3, return_sequences=True)(y), L.GRU(3, return_sequences=True)(y)
    return Model(x, [L.LSTM(2)(L.Add()([a, b])), L.SimpleRNN(2)(L.Concatenate()([a, b])), L.GlobalAveragePooling1D()(a)])


def several_heads() -> Model:
    x, context = Input((4, 6)), Input((3, 5))
    y = L.MultiHeadAttention(2, 3, value_dim=2, output_shape=5, use_bias=False)(x, context)
    z, scores = L.MultiHeadAttention(2, 3, dropout=0.1)(x, x, return_attention_scores=True)
    return Model([x, context], [y, z, scores, L.MultiHeadAttention(2, 2)(x, x, use_causal_mask=True)])


def attention_with_axes() -> Model:
    x = Input((3, 4, 5))
    return Model(x, L.MultiHeadAttention(2, 3, attention_axes=(1, 2))(x, x))


def attention_options() -> Model:
    x, y = Input((4, 6)), Input((3, 6))
    return Model(
        [x, y],
        [
            L.Attention(use_scale=True)([x, y]),
            L.Attention(score_mode="concat")([x, y]),
            L.AdditiveAttention(use_scale=False)([x, y, y]),
            L.Attention()([x, x], use_causal_mask=True),
        ],
    )


def masked_attention() -> Model:
    x = Input((6,))
    y = L.Embedding(12, 4, mask_zero=True)(x)
    return Model(x, [L.MultiHeadAttention(2, 3)(y, y), L.Attention()([y, y]), L.GlobalAveragePooling1D()(y)])


def transformer() -> Model:
    x = Input((6,))
    y = L.Embedding(12, 8)(x)
    z = L.LayerNormalization(epsilon=1e-6)(y + L.MultiHeadAttention(2, 4, dropout=0.1)(y, y))
    z = L.LayerNormalization(epsilon=1e-6)(z + Sequential([L.Dense(6, activation="relu"), L.Dense(8)])(z))
    return Model(x, L.Dense(3, activation="softmax")(L.Dropout(0.1)(L.GlobalAveragePooling1D()(z))))


def masks_through_layers() -> Model:
    """Whether each layer passes the mask on: what comes after it would tell."""
    x = Input((6,))
    y = L.Embedding(7, 3, mask_zero=True)(x)
    members = [
        L.Activation("tanh"),
        L.Dropout(0.1),
        L.LayerNormalization(),
        L.BatchNormalization(),
        L.UnitNormalization(),
        L.Dense(3),
        L.EinsumDense("abc,cd->abd", output_shape=(None, 3)),
        L.TimeDistributed(L.Dense(3)),
        L.SpatialDropout1D(0.1),
        L.ReLU(),
        L.LeakyReLU(),
        L.PReLU(),
        L.ELU(),
        L.GaussianNoise(0.1),
        L.AlphaDropout(0.1),
        L.ActivityRegularization(0.1),
        L.Rescaling(2.0),
        L.Reshape((6, 3)),
        L.Permute((1, 2)),
        L.Masking(0.1),
        L.Conv1D(3, 1),
        L.MaxPooling1D(1),
        L.Cropping1D(0),
        L.ZeroPadding1D(0),
        L.UpSampling1D(1),
        L.LSTM(3, return_sequences=True),
        L.GaussianDropout(0.2),
        L.Bidirectional(L.GRU(3, return_sequences=True), "sum"),
        L.RNN(L.GRUCell(3), return_sequences=True),
        L.ThresholdedReLU(),
        L.SeparableConv1D(3, 1),
        L.Normalization(mean=0.5, variance=2.0),
        L.DepthwiseConv1D(1),
        L.SpectralNormalization(L.Dense(3)),
        L.AveragePooling1D(1),
        L.Conv1DTranspose(3, 1),
    ]
    return Model(x, [L.SimpleRNN(2)(layer(y)) for layer in members])


def masks_through_operations() -> Model:
    x = Input((6,))
    y = L.Embedding(7, 3, mask_zero=True)(x)
    z = L.Embedding(7, 3)(x)
    made = [
        y * 2.0,
        y + z,
        tf.nn.relu(y),
        y[:, :, :2],
        L.Add()([y, z]),
        L.Multiply()([y, y]),
        L.Concatenate(axis=1)([y, y]),
        L.Average()([y, z]),
        L.Subtract()([y, y]),
        L.Dot(axes=2)([y, y]),
        L.Attention()([y, z]),
        L.Attention()([y, y]),
        L.AdditiveAttention()([z, y]),
        L.MultiHeadAttention(1, 2)(y, z),
        L.MultiHeadAttention(1, 2)(z, y),
        L.MultiHeadAttention(1, 2)(y, y),
    ]
    pooled = [L.GlobalAveragePooling1D()(part) for part in made]
    return Model(x, [*(L.SimpleRNN(2)(part) for part in made), *pooled, L.GlobalMaxPooling1D()(y), L.Flatten()(y)])


def masks_into_nested() -> Model:
    y = Input((6, 3))
    inner = Model(y, L.LSTM(2)(L.Dense(3)(y)), name="inner")
    row = Sequential([L.Dense(3), L.GRU(2, return_sequences=True)], name="row")
    x = Input((6,))
    z = L.Embedding(7, 3, mask_zero=True)(x)
    w = Sequential([L.Embedding(7, 3, mask_zero=True), L.Dense(3)], name="words")(x)
    return Model(x, [inner(z), L.SimpleRNN(2)(row(z)), L.SimpleRNN(2)(w), L.LSTM(2)(L.TimeDistributed(row.layers[0])(z))])


def masks_ended_within() -> Model:
    y = Input((6, 3))
    inner = Model(y, L.LSTM(2)(L.Rescaling(2.0)(L.Dense(3)(y))), name="inner")
    first, later = (
        Sequential([L.Rescaling(2.0), L.LSTM(2)], name="first"),
        Sequential([L.Dense(3), L.Normalization(mean=0.1, variance=2.0), L.Dense(3)], name="later"),
    )
    x = Input((6,))
    z = L.Embedding(7, 3, mask_zero=True)(x)
    return Model(x, [inner(z), first(z), *(L.GRU(2)(later(part)) for part in (z, L.Dense(3)(z))), L.LSTM(2)(L.Identity()(z))])


def masks_merged_within() -> Model:
    y = Input((6, 3))
    inner = Model(y, L.Add()([y, L.Conv1D(3, 3, padding="same")(y)]), name="inner")
    x = Input((6,))
    return Model(x, L.LSTM(2)(inner(L.Embedding(7, 3, mask_zero=True)(x))))


def masks_and_states_within() -> Model:
    y, start = Input((6, 3)), Input((2,))
    inner = Model([y, start], L.GRU(2)(y, initial_state=start), name="inner")
    x, state = Input((6,)), Input((2,))
    return Model([x, state], inner([L.Embedding(7, 3, mask_zero=True)(x), state]))


def masks_and_states() -> Model:
    x, start = Input((6,)), Input((3,))
    y = L.Embedding(7, 3, mask_zero=True)(x)
    return Model(
        [x, start],
        [
            L.SimpleRNN(3)(y, initial_state=start),
            L.GRU(3, return_sequences=True)(y, initial_state=[start]),
            L.RNN(L.LSTMCell(3))(y, initial_state=[start, start]),
            L.Bidirectional(L.GRU(3))(y, initial_state=[start, start]),
            L.LSTM(3, go_backwards=True, return_sequences=True)(y, initial_state=[start, start]),
            *L.LSTM(3, return_state=True)(y),
        ],
    )


ARCHITECTURES = {
    "rnn-of-cells": in_a_row(
        L.RNN(L.SimpleRNNCell(3), return_sequences=True, input_shape=(5, 2)),
        L.RNN(L.LSTMCell(4, unit_forget_bias=False), return_sequences=True, go_backwards=True),
        L.RNN(L.GRUCell(3, reset_after=False), return_sequences=True),
        L.RNN(L.StackedRNNCells([L.LSTMCell(2), L.GRUCell(3), L.SimpleRNNCell(2)]), unroll=True),
    ),
    "lstm-options": in_a_row(
        L.LSTM(3, return_sequences=True, unroll=True, use_bias=False, input_shape=(4, 2)),
        L.LSTM(3, go_backwards=True, return_sequences=True, implementation=1, dropout=0.2, recurrent_dropout=0.1),
        L.LSTM(
            2, activation="relu", recurrent_activation="tanh", unit_forget_bias=False, recurrent_initializer="glorot_uniform"
        ),
    ),
    "gru-options": in_a_row(
        L.GRU(3, return_sequences=True, reset_after=True, input_shape=(4, 2)),
        L.GRU(3, return_sequences=True, reset_after=False, use_bias=False, go_backwards=True),
        L.GRU(2, return_sequences=True, reset_after=True, use_bias=False, activation="relu"),
        L.SimpleRNN(3, use_bias=False, dropout=0.1, activation="sigmoid", bias_regularizer="l2"),
    ),
    "conv-lstm-1d": in_a_row(
        L.ConvLSTM1D(3, 2, padding="same", return_sequences=True, input_shape=(3, 5, 2)),
        L.ConvLSTM1D(2, 2, recurrent_activation="sigmoid", go_backwards=True),
    ),
    "conv-lstm-2d": in_a_row(
        L.ConvLSTM2D(2, (2, 3), padding="same", return_sequences=True, dropout=0.1, input_shape=(3, 4, 5, 1)),
        L.BatchNormalization(),
        L.ConvLSTM2D(2, 2, use_bias=False, strides=2),
    ),
    "conv-lstm-3d": in_a_row(L.ConvLSTM3D(2, 2, padding="same", input_shape=(2, 3, 3, 3, 1)), L.GlobalMaxPooling3D()),
    "conv-lstm-bidirectional": in_a_row(
        L.Bidirectional(L.ConvLSTM2D(2, 2, padding="same"), input_shape=(3, 4, 4, 1)), L.Flatten(), L.Dense(2)
    ),
    "embedded": in_a_row(
        L.Embedding(12, 4, embeddings_regularizer="l2", embeddings_constraint="unit_norm", input_length=6),
        L.SpatialDropout1D(0.2),
        L.Conv1D(4, 3, activation="relu"),
        L.GlobalMaxPooling1D(),
        L.Dense(1, "sigmoid"),
    ),
    "embedded-bidirectional": in_a_row(
        L.Embedding(12, 4, mask_zero=True),
        L.Bidirectional(L.LSTM(3, return_sequences=True)),
        L.Bidirectional(L.GRU(2)),
        L.Dense(2),
    ),
    "masks-ended-in-a-row": in_a_row(
        L.Embedding(7, 3, mask_zero=True, input_length=6),
        L.Normalization(mean=[0.1, 0.2, 0.3], variance=[1.0, 2.0, 3.0]),
        L.SimpleRNN(3, return_sequences=True),
        Sequential([L.Dense(3), L.Rescaling(2.0, 0.1)]),
        L.GRU(3),
    ),
}
for function in (
    bidirectional_merges,
    bidirectional_of_two_kinds,
    bidirectional_states,
    sequence_to_sequence,
    gru_with_state,
    time_distributed_model,
    time_distributed_sequential,
    masks_through_merges,
    several_heads,
    attention_with_axes,
    attention_options,
    masked_attention,
    transformer,
    masks_through_layers,
    masks_through_operations,
    masks_into_nested,
    masks_and_states,
    masks_ended_within,
    masks_merged_within,
    masks_and_states_within,
):
    ARCHITECTURES[function.__name__.replace("_", "-")] = function

WORDS = (
    "masks-through-layers",
    "masks-through-operations",
    "masks-into-nested",
    "masks-and-states",
    "masks-ended-in-a-row",
    "masks-ended-within",
    "masks-merged-within",
    "masks-and-states-within",
    "sequence-to-sequence",
    "masked-attention",
    "transformer",
    "embedded",
    "embedded-bidirectional",
)
"""Those that take numbers of words, below 7."""
