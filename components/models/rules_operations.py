"""Operations of TensorFlow in the graphs of Keras 2 models (`TFOpLambda`), and the operation of `keras.ops` for each.

To teach the app another operation, add one entry: TensorFlow's name, the class in `keras.src.ops`, TensorFlow's names of the
tensors in the order in which that class is called, and what each setting is called today:

    "math.cumsum": Operation("numpy.Cumsum", "x", {"axis": "axis"}),
"""

from __future__ import annotations

from typing import Any, NamedTuple

from components.recipe import Refusal
from components.recipe.wording import shown


class Operation(NamedTuple):
    """Today's operation: `target` is module and class, `tensors` TensorFlow's names of what it is called on."""

    target: str
    tensors: str = "x"
    settings: dict[str, str] = {}


_AXIS = {"axis": "axis"}
_REDUCE = {"axis": "axis", "keepdims": "keepdims"}

OPERATIONS: dict[str, Operation] = {
    "math.add": Operation("numpy.Add", "x y"),
    "add": Operation("numpy.Add", "x y"),
    "math.subtract": Operation("numpy.Subtract", "x y"),
    "subtract": Operation("numpy.Subtract", "x y"),
    "math.multiply": Operation("numpy.Multiply", "x y"),
    "multiply": Operation("numpy.Multiply", "x y"),
    "math.divide": Operation("numpy.TrueDivide", "x y"),
    "math.truediv": Operation("numpy.TrueDivide", "x y"),
    "truediv": Operation("numpy.TrueDivide", "x y"),
    "divide": Operation("numpy.TrueDivide", "x y"),
    "realdiv": Operation("numpy.TrueDivide", "x y"),
    "math.floordiv": Operation("numpy.FloorDivide", "x y"),
    "math.divide_no_nan": Operation("numpy.DivideNoNan", "x y"),
    "math.floormod": Operation("numpy.Mod", "x y"),
    "math.pow": Operation("numpy.Power", "x y"),
    "pow": Operation("numpy.Power", "x y"),
    "math.maximum": Operation("numpy.Maximum", "x y"),
    "maximum": Operation("numpy.Maximum", "x y"),
    "math.minimum": Operation("numpy.Minimum", "x y"),
    "minimum": Operation("numpy.Minimum", "x y"),
    "math.negative": Operation("numpy.Negative"),
    "negative": Operation("numpy.Negative"),
    "math.square": Operation("numpy.Square"),
    "square": Operation("numpy.Square"),
    "math.sqrt": Operation("numpy.Sqrt"),
    "sqrt": Operation("numpy.Sqrt"),
    "math.rsqrt": Operation("math.Rsqrt"),
    "math.exp": Operation("numpy.Exp"),
    "exp": Operation("numpy.Exp"),
    "math.log": Operation("numpy.Log"),
    "math.log1p": Operation("numpy.Log1p"),
    "math.abs": Operation("numpy.Absolute"),
    "abs": Operation("numpy.Absolute"),
    "math.sign": Operation("numpy.Sign"),
    "math.sin": Operation("numpy.Sin"),
    "math.cos": Operation("numpy.Cos"),
    "math.round": Operation("numpy.Round"),
    "math.floor": Operation("numpy.Floor"),
    "math.ceil": Operation("numpy.Ceil"),
    "math.reciprocal": Operation("numpy.Reciprocal"),
    "math.erf": Operation("math.Erf"),
    "math.tanh": Operation("numpy.Tanh"),
    "tanh": Operation("numpy.Tanh"),
    "math.sigmoid": Operation("nn.Sigmoid"),
    "sigmoid": Operation("nn.Sigmoid"),
    "nn.sigmoid": Operation("nn.Sigmoid"),
    "math.softplus": Operation("nn.Softplus", "features"),
    "nn.softplus": Operation("nn.Softplus", "features"),
    "nn.relu": Operation("nn.Relu", "features"),
    "nn.relu6": Operation("nn.Relu6", "features"),
    "nn.elu": Operation("nn.Elu", "features"),
    "nn.selu": Operation("nn.Selu", "features"),
    "nn.silu": Operation("nn.Silu", "features"),
    "nn.swish": Operation("nn.Silu", "features"),
    "nn.gelu": Operation("nn.Gelu", "features", {"approximate": "approximate"}),
    "nn.leaky_relu": Operation("nn.LeakyRelu", "features", {"alpha": "negative_slope"}),
    "nn.softmax": Operation("nn.Softmax", "logits", _AXIS),
    "nn.log_softmax": Operation("nn.LogSoftmax", "logits", _AXIS),
    "math.l2_normalize": Operation("nn.Normalize", "x", {"axis": "axis", "epsilon": "epsilon"}),
    "nn.l2_normalize": Operation("nn.Normalize", "x", {"axis": "axis", "epsilon": "epsilon"}),
    "nn.depth_to_space": Operation("nn.DepthToSpace", "input", {"block_size": "block_size"}),
    "nn.space_to_depth": Operation("nn.SpaceToDepth", "input", {"block_size": "block_size"}),
    "math.reduce_mean": Operation("numpy.Mean", "input_tensor", _REDUCE),
    "math.reduce_sum": Operation("numpy.Sum", "input_tensor", _REDUCE),
    "math.reduce_max": Operation("numpy.Max", "input_tensor", _REDUCE),
    "math.reduce_min": Operation("numpy.Min", "input_tensor", _REDUCE),
    "math.reduce_prod": Operation("numpy.Prod", "input_tensor", _REDUCE),
    "math.reduce_std": Operation("numpy.Std", "input_tensor", _REDUCE),
    "math.reduce_variance": Operation("numpy.Var", "input_tensor", _REDUCE),
    "math.reduce_logsumexp": Operation("math.Logsumexp", "input_tensor", _REDUCE),
    "math.cumsum": Operation("numpy.Cumsum", "x", _AXIS),
    "math.argmax": Operation("numpy.Argmax", "input", _AXIS),
    "clip_by_value": Operation("numpy.Clip", "t", {"clip_value_min": "x_min", "clip_value_max": "x_max"}),
    "linalg.matmul": Operation("numpy.Matmul", "a b"),
    "matmul": Operation("numpy.Matmul", "a b"),
    "math.greater": Operation("numpy.Greater", "x y"),
    "math.greater_equal": Operation("numpy.GreaterEqual", "x y"),
    "math.less": Operation("numpy.Less", "x y"),
    "math.less_equal": Operation("numpy.LessEqual", "x y"),
    "math.equal": Operation("numpy.Equal", "x y"),
    "math.not_equal": Operation("numpy.NotEqual", "x y"),
    "where": Operation("numpy.Where", "condition x y"),
    "concat": Operation("numpy.Concatenate", "values", _AXIS),
    "stack": Operation("numpy.Stack", "values", _AXIS),
    "split": Operation("numpy.Split", "value", {"num_or_size_splits": "indices_or_sections", "axis": "axis"}),
    "unstack": Operation("core.Unstack", "value", {"num": "num", "axis": "axis"}),
    "reshape": Operation("numpy.Reshape", "tensor", {"shape": "newshape"}),
    "expand_dims": Operation("numpy.ExpandDims", "input", _AXIS),
    "squeeze": Operation("numpy.Squeeze", "input", _AXIS),
    "transpose": Operation("numpy.Transpose", "a", {"perm": "axes"}),
    "tile": Operation("numpy.Tile", "input", {"multiples": "repeats"}),
    "repeat": Operation("numpy.Repeat", "input", {"repeats": "repeats", "axis": "axis"}),
    "reverse": Operation("numpy.Flip", "tensor", _AXIS),
    "roll": Operation("numpy.Roll", "input", {"shift": "shift", "axis": "axis"}),
    "pad": Operation("numpy.Pad", "tensor", {"paddings": "pad_width", "mode": "mode"}),
    "gather": Operation("numpy.Take", "params indices", _AXIS),
    "cast": Operation("core.Cast", "x", {"dtype": "dtype"}),
    "stop_gradient": Operation("core.StopGradient", "input"),
    "one_hot": Operation("nn.OneHot", "indices", {"depth": "num_classes", "axis": "axis"}),
    "zeros_like": Operation("numpy.ZerosLike", "input"),
    "ones_like": Operation("numpy.OnesLike", "input"),
    "__operators__.getitem": Operation("numpy.GetItem", "tensor slice_spec"),
}

IDENTITIES = {"identity", "nn.identity", "convert_to_tensor"}
"""Operations that leave their tensor as it is."""


def operation(entry: dict[str, Any], layer: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Today's entry for a `TFOpLambda` or `SlicingOpLambda`, and a note.

    `entry` is the file's entry, `layer` the same with a clean name and its calls translated.

    Raises:
        Refusal: when the operation, or one of its settings, is not in the table.
    """
    name = "__operators__.getitem" if entry["class_name"] == "SlicingOpLambda" else str(entry["config"].get("function"))
    name = name.removeprefix("compat.v1.")
    name = "math." + name.removeprefix("__operators__.") if name in _OPERATORS else name
    common = {"name": layer["name"], "registered_name": None, "inbound_nodes": layer["inbound_nodes"]}
    if name in IDENTITIES:
        calls = [{"args": call["args"][:1], "kwargs": {}} for call in layer["inbound_nodes"]]
        config = {"name": layer["name"]}
        return {
            **common,
            "module": "keras.layers",
            "class_name": "Identity",
            "config": config,
            "inbound_nodes": calls,
        }, "a copy of a tensor"
    if name not in OPERATIONS:
        raise Refusal(
            f"Layer {shown(layer['name'])} calls tf.{shown(name)}, which cannot be translated to keras.ops. "
            "Replace it with a layer of Keras and save the model again."
        )
    rule = OPERATIONS[name]
    calls, settings = [], []
    for call in layer["inbound_nodes"]:
        tensors, chosen = _split(rule, call, layer["name"])
        calls.append({"args": tensors, "kwargs": {}})
        settings.append(chosen)
    if any(chosen != settings[0] for chosen in settings):
        raise Refusal(
            f"Layer {shown(layer['name'])} is used with two different settings. Save the model again with one layer for each."
        )
    module, class_name = rule.target.split(".")
    translated = {
        **common,
        "module": f"keras.src.ops.{module}",
        "class_name": class_name,
        "config": {**(settings[0] if settings else {}), "name": layer["name"]},
        "inbound_nodes": calls,
    }
    return translated, f"tf.{name} became keras.ops"


_OPERATORS = {f"__operators__.{name}" for name in ("add", "subtract", "multiply", "truediv", "pow", "floordiv")}


def _split(rule: Operation, call: dict[str, Any], place: str) -> tuple[list[Any], dict[str, Any]]:
    names = rule.tensors.split()
    given = {**dict(zip(names, call["args"], strict=False)), **call["kwargs"]}
    if "slice_spec" in given:
        given["slice_spec"] = _slices(given["slice_spec"])
    if rule.target == "numpy.Concatenate" or rule.target == "numpy.Stack":
        given["values"] = given["values"] if isinstance(given["values"], list) else [given["values"]]
    tensors = [given.pop(name) for name in names]
    settings = {}
    for key, value in given.items():
        if key in rule.settings and value is not None:
            settings[rule.settings[key]] = value
        elif key != "name" and value not in (None, False):
            raise Refusal(
                f"Layer {shown(place)} sets {shown(key)}={shown(value, 24)} for an operation of TensorFlow, which cannot be "
                "translated to keras.ops. Replace it with a layer of Keras and save the model again."
            )
    return tensors, settings


def _slices(value: Any) -> Any:
    """Slices as Keras 2 spells them, as Keras 3 does."""
    if isinstance(value, list):
        return [_slices(item) for item in value]
    if not isinstance(value, dict):
        return {"class_name": "__ellipsis__", "config": {}} if value == "..." else value
    if "items" in value:
        return [_slices(item) for item in value["items"]]
    if {"start", "stop", "step"} <= value.keys():
        return {"class_name": "__slice__", "config": {key: value[key] for key in ("start", "stop", "step")}}
    return {"class_name": "__ellipsis__", "config": {}} if value.get("class_name") == "__ellipsis__" else value
