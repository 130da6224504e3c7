"""How layers are put together: nested, shared, with several inputs and outputs, named freely, of every precision."""

from __future__ import annotations

from tensorflow import keras
from tensorflow.keras import layers as L

from tests.models.keras2.row import in_a_row

Input, Model, Sequential = keras.Input, keras.Model, keras.Sequential


def sequential_in_functional_in_sequential() -> Model:
    inner = Sequential([L.Dense(4, activation="relu", input_shape=(5,)), L.BatchNormalization()], name="innermost")
    x = Input((5,))
    middle = Model(x, L.Concatenate()([inner(x), x]), name="middle")
    return Sequential([Input((5,)), middle, L.Dense(3), Sequential([L.Dense(2), L.Activation("tanh")], name="tail")])


def deeply_nested() -> Model:
    model = Sequential([L.Dense(3, input_shape=(3,)), L.BatchNormalization()])
    for depth in range(4):
        x = Input((3,))
        model = Model(x, L.Add()([model(x), L.Dense(3)(x)]), name=f"level{depth}")
    return model


def used_twice() -> Model:
    left = Input((5,))
    tower = Model(left, L.Dense(3, activation="relu", name="d")(L.Dense(4, name="c")(left)), name="tower")
    a, b = Input((5,)), Input((5,))
    u, v = tower(a), tower(b)
    return Model([a, b], [L.Dot(axes=-1, normalize=True)([u, v]), tower(L.Average()([a, b])), L.Subtract()([u, v])])


def nested_several_inputs() -> Model:
    a, b = Input((3,)), Input((4,))
    inner = Model([a, b], [L.Concatenate()([L.Dense(2)(a), b]), L.Dense(3)(b)], name="pair")
    x, y = Input((3,)), Input((4,))
    u, v = inner([x, y])
    w, _ = inner([v, y])
    return Model([x, y], [L.Dense(1)(u), w])


def shared_within_nested() -> Model:
    shared = L.Dense(4, name="shared")
    a, b = Input((4,)), Input((4,))
    first, second = Model(a, L.Activation("relu")(shared(a)), name="first"), Model(b, shared(b), name="second")
    x = Input((4,))
    return Model(x, L.Concatenate()([first(x), second(x), shared(x)]))


def wide_and_deep() -> Model:
    wide, deep = Input((5,), name="wide_input"), Input((6,), name="deep_input")
    hidden = L.Dense(4, activation="relu")(L.Dense(4, activation="relu")(deep))
    main = L.Dense(1, name="main_output")(L.concatenate([wide, hidden]))
    return Model(inputs=[wide, deep], outputs=[main, L.Dense(1, name="aux_output")(hidden)])


def an_input_that_is_an_output() -> Model:
    x, y = Input((3,)), Input((2,))
    return Model([x, y], [x, L.Dense(2)(y), y])


def odd_characters() -> Model:
    """What Keras 2 takes: letters, digits, `_.\\/>-` within a layer's name, and anything in an input's and a model's."""
    x = Input((3,), name="Eingabe Größe")
    y = L.BatchNormalization(name="bn.2a-branch>0")(L.Dense(3, name="block1/conv/dense")(x))
    inner = Sequential([L.Dense(2, name="a/b", input_shape=(3,)), L.Dense(2, name="a>b")], name="outer/net")
    return Model(x, L.Dense(2, name="1st.dense")(inner(y)), name="mein Modell / 1")


def alike_once_clean() -> Model:
    x = Input((3,))
    return Model(x, L.Add()([L.Dense(2, name="a>b")(x), L.Dense(2, name="a\\b")(x), L.Dense(2, name="a_b")(x)]))


def dots() -> Model:
    a, b = Input((3, 4)), Input((5, 4))
    return Model([a, b], [L.Dot(axes=2)([a, b]), L.Dot(axes=(2, 2), normalize=True)([a, b]), L.Concatenate(axis=1)([a, b])])


def partly_frozen() -> Model:
    y = Input((8, 8, 1))
    z = L.BatchNormalization()(L.Conv2D(3, 3)(y))
    base = Model(y, L.ReLU()(L.BatchNormalization(name="late")(L.Conv2D(3, 3, name="last")(z))), name="base")
    for layer in base.layers[:3]:
        layer.trainable = False
    x = Input((8, 8, 1))
    return Model(x, L.Dense(2, activation="softmax")(L.GlobalAveragePooling2D()(base(x, training=False))))


def under_policy(policy: str) -> Model:
    keras.mixed_precision.set_global_policy(policy)
    try:
        x = Input((6, 6, 1))
        y = L.GlobalAveragePooling2D()(L.ReLU()(L.BatchNormalization()(L.Conv2D(3, 3)(x))))
        return Model(x, L.Activation("softmax", dtype="float32")(L.Dense(3)(y)))
    finally:
        keras.mixed_precision.set_global_policy("float32")


def double_precision() -> Model:
    keras.backend.set_floatx("float64")
    try:
        return Sequential([L.Dense(4, "tanh", input_shape=(5,)), L.BatchNormalization(), L.Dense(2)])
    finally:
        keras.backend.set_floatx("float32")


def of_several_types() -> Model:
    x, whole = Input((3,), dtype="float64"), Input((2,), dtype="int32")
    y = L.Concatenate(dtype="float64")([L.Dense(2, dtype="float64")(x), L.Flatten()(L.Embedding(7, 2)(whole))])
    return Model([x, whole], L.Dense(2, dtype="float32")(y))


def training_calls() -> Model:
    x = Input((4,))
    y = L.Dropout(0.5)(L.Dense(4)(x), training=False)
    return Model(x, L.Dense(2)(L.BatchNormalization()(y, training=False)))


INITIALIZERS = (
    "zeros",
    "ones",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "lecun_uniform",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "truncated_normal",
    "variance_scaling",
    "identity",
    keras.initializers.Constant(0.2),
    keras.initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal", seed=3),
    keras.initializers.Orthogonal(gain=0.5),
    keras.initializers.RandomNormal(0.1, 0.2, seed=1),
    keras.initializers.TruncatedNormal(stddev=0.02),
)
REGULARIZERS = (
    "l1",
    "l2",
    "l1_l2",
    keras.regularizers.L1L2(0.1, 0.2),
    keras.regularizers.OrthogonalRegularizer(mode="columns"),
)
CONSTRAINTS = ("max_norm", "non_neg", "unit_norm", "min_max_norm", keras.constraints.MinMaxNorm(0.1, 2.0, rate=0.5, axis=1))


def initialized() -> Model:
    return Sequential(
        [Input((3,)), *(L.Dense(3, kernel_initializer=name, bias_initializer="uniform") for name in INITIALIZERS)]
    )


def regularized_everywhere() -> Model:
    x = Input((3,))
    outputs = [
        L.Dense(2, kernel_regularizer=part, bias_regularizer="l2", activity_regularizer="l1")(x) for part in REGULARIZERS
    ]
    return Model(x, [*outputs, *(L.Dense(2, kernel_constraint=part, bias_constraint="non_neg")(x) for part in CONSTRAINTS)])


ACTIVATIONS = (
    "elu",
    "exponential",
    "gelu",
    "hard_sigmoid",
    "linear",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "softmax",
    "softplus",
    "softsign",
    "swish",
    "silu",
    "tanh",
    "leaky_relu",
)


def activated() -> Model:
    x = Input((4,))
    known = [name for name in ACTIVATIONS if hasattr(keras.activations, name)]
    return Model(x, [*(L.Activation(name)(x) for name in known), *(L.Dense(2, activation=name)(x) for name in known)])


def compiled() -> Model:
    x = Input((4,))
    y = L.Dense(3, activation="softmax", name="classes")(x)
    z = L.Dense(1, name="amount")(x)
    model = Model(x, [y, z])
    model.compile(
        keras.optimizers.legacy.SGD(0.1, momentum=0.9),
        loss={"classes": "categorical_crossentropy", "amount": keras.losses.Huber()},
        loss_weights={"classes": 1.0, "amount": 0.5},
        metrics={"classes": ["accuracy", keras.metrics.AUC()], "amount": "mae"},
    )
    return model


ARCHITECTURES = {
    "mixed-precision-convolution": lambda: under_policy("mixed_float16"),
    "mixed-bfloat-convolution": lambda: under_policy("mixed_bfloat16"),
    "activation-layers": in_a_row(
        L.Dense(4, activation=keras.activations.tanh, input_shape=(4,)),
        L.Dense(4, activation=keras.layers.ReLU(max_value=2)),
        L.Activation(keras.activations.softplus),
        L.Activation(L.LeakyReLU(0.4)),
    ),
    "noise": in_a_row(
        L.GaussianNoise(0.3, input_shape=(4,)),
        L.GaussianDropout(0.4),
        L.AlphaDropout(0.2),
        L.Dropout(0.2, noise_shape=(None, 1), seed=3),
        L.ActivityRegularization(l1=0.1, l2=0.2),
        L.Dense(2),
    ),
}
for function in (
    sequential_in_functional_in_sequential,
    deeply_nested,
    used_twice,
    nested_several_inputs,
    shared_within_nested,
    wide_and_deep,
    an_input_that_is_an_output,
    odd_characters,
    alike_once_clean,
    dots,
    partly_frozen,
    double_precision,
    of_several_types,
    training_calls,
    initialized,
    regularized_everywhere,
    activated,
    compiled,
):
    ARCHITECTURES[function.__name__.replace("_", "-")] = function

HALF_PRECISION = ("mixed-precision-convolution", "mixed-bfloat-convolution")
