"""Operations of TensorFlow in the graphs of Keras 2 models (`TFOpLambda`), and the operation of `keras.ops` for each.

To teach the app another operation, add one entry: TensorFlow's name, the class in `keras.src.ops`, TensorFlow's names of the
tensors in the order in which that class is called, and what each setting is called today:

    "math.cumsum": Operation("numpy.Cumsum", "x", {"axis": "axis"}),

Where TensorFlow's default differs from today's, it stands under `defaults`; where a value is written in another way, its
translation stands under `changes`; both by today's name. `harmless` are values of TensorFlow's settings that change nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any, NamedTuple


class Operation(NamedTuple):
    """Today's operation: `target` is module and class, `tensors` TensorFlow's names of what it is called on."""

    target: str
    tensors: str = "x"
    settings: dict[str, str] = {}
    defaults: dict[str, Any] = {}
    changes: dict[str, Callable[[Any], Any]] = {}
    harmless: dict[str, tuple[Any, ...]] = {}


def _ends(sizes: Any) -> Any:
    """Where the parts begin, from their sizes; a number of equal parts stays."""
    return list(accumulate(sizes[:-1])) if isinstance(sizes, list) else sizes


_AXIS = {"axis": "axis"}
_FIRST = {"axis": 0}
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
    "floor_div": Operation("numpy.FloorDivide", "x y"),
    "math.floormod": Operation("numpy.Mod", "x y"),
    "floormod": Operation("numpy.Mod", "x y"),
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
    "math.tan": Operation("numpy.Tan"),
    "math.sinh": Operation("numpy.Sinh"),
    "math.cosh": Operation("numpy.Cosh"),
    "math.asin": Operation("numpy.Arcsin"),
    "math.acos": Operation("numpy.Arccos"),
    "math.atan": Operation("numpy.Arctan"),
    "math.atan2": Operation("numpy.Arctan2", "y x"),
    "math.asinh": Operation("numpy.Arcsinh"),
    "math.acosh": Operation("numpy.Arccosh"),
    "math.atanh": Operation("numpy.Arctanh"),
    "math.expm1": Operation("numpy.Expm1"),
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
    "nn.silu": Operation("nn.Silu", "features", harmless={"beta": (1.0,)}),
    "nn.swish": Operation("nn.Silu", "features", harmless={"beta": (1.0,)}),
    "nn.softsign": Operation("nn.Softsign", "features"),
    "math.log_sigmoid": Operation("nn.LogSigmoid"),
    "nn.gelu": Operation("nn.Gelu", "features", {"approximate": "approximate"}, {"approximate": False}),
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
    "math.reduce_any": Operation("numpy.Any", "input_tensor", _REDUCE),
    "math.reduce_all": Operation("numpy.All", "input_tensor", _REDUCE),
    "math.cumsum": Operation("numpy.Cumsum", "x", _AXIS, _FIRST),
    "math.cumprod": Operation("numpy.Cumprod", "x", _AXIS, _FIRST),
    "math.argmax": Operation("numpy.Argmax", "input", _AXIS, _FIRST),
    "math.argmin": Operation("numpy.Argmin", "input", _AXIS, _FIRST),
    "math.top_k": Operation("math.TopK", "input", {"k": "k", "sorted": "sorted"}, harmless={"index_type": ("int32",)}),
    "nn.top_k": Operation("math.TopK", "input", {"k": "k", "sorted": "sorted"}),
    "sort": Operation("numpy.Sort", "values", _AXIS, harmless={"direction": ("ASCENDING",)}),
    "argsort": Operation("numpy.Argsort", "values", _AXIS, harmless={"direction": ("ASCENDING",)}),
    "norm": Operation("linalg.Norm", "tensor", _REDUCE, harmless={"ord": ("euclidean",)}),
    "math.add_n": Operation("layers.Add", "inputs"),
    "nn.bias_add": Operation("numpy.Add", "value bias", harmless={"data_format": ("NHWC", "channels_last")}),
    "clip_by_value": Operation("numpy.Clip", "t", {"clip_value_min": "x_min", "clip_value_max": "x_max"}),
    "linalg.matmul": Operation("numpy.Matmul", "a b"),
    "matmul": Operation("numpy.Matmul", "a b"),
    "tensordot": Operation("numpy.Tensordot", "a b", {"axes": "axes"}),
    "broadcast_to": Operation("numpy.BroadcastTo", "input", {"shape": "shape"}),
    "image.resize": Operation("image.Resize", "images", {"size": "size", "method": "interpolation", "antialias": "antialias"}),
    "math.greater": Operation("numpy.Greater", "x y"),
    "math.greater_equal": Operation("numpy.GreaterEqual", "x y"),
    "math.logical_and": Operation("numpy.LogicalAnd", "x y"),
    "math.logical_or": Operation("numpy.LogicalOr", "x y"),
    "math.logical_not": Operation("numpy.LogicalNot"),
    "math.is_nan": Operation("numpy.Isnan"),
    "math.less": Operation("numpy.Less", "x y"),
    "math.less_equal": Operation("numpy.LessEqual", "x y"),
    "math.equal": Operation("numpy.Equal", "x y"),
    "math.not_equal": Operation("numpy.NotEqual", "x y"),
    "where": Operation("numpy.Where", "condition x y"),
    "concat": Operation("numpy.Concatenate", "values", _AXIS),
    "stack": Operation("numpy.Stack", "values", _AXIS),
    "split": Operation(
        "numpy.Split",
        "value",
        {"num_or_size_splits": "indices_or_sections", "axis": "axis"},
        changes={"indices_or_sections": _ends},
    ),
    "unstack": Operation("core.Unstack", "value", {"num": "num", "axis": "axis"}),
    "reshape": Operation("numpy.Reshape", "tensor", {"shape": "newshape"}),
    "expand_dims": Operation("numpy.ExpandDims", "input", _AXIS),
    "squeeze": Operation("numpy.Squeeze", "input", _AXIS),
    "transpose": Operation("numpy.Transpose", "a", {"perm": "axes"}),
    "tile": Operation("numpy.Tile", "input", {"multiples": "repeats"}),
    "repeat": Operation("numpy.Repeat", "input", {"repeats": "repeats", "axis": "axis"}),
    "reverse": Operation("numpy.Flip", "tensor", _AXIS),
    "roll": Operation("numpy.Roll", "input", {"shift": "shift", "axis": "axis"}),
    "pad": Operation("numpy.Pad", "tensor", {"paddings": "pad_width", "mode": "mode"}, changes={"mode": str.lower}),
    "gather": Operation("numpy.Take", "params indices", _AXIS, _FIRST),
    "cast": Operation("core.Cast", "x", {"dtype": "dtype"}),
    "stop_gradient": Operation("core.StopGradient", "input"),
    "one_hot": Operation("nn.OneHot", "indices", {"depth": "num_classes", "axis": "axis"}),
    "zeros_like": Operation("numpy.ZerosLike", "input"),
    "ones_like": Operation("numpy.OnesLike", "input"),
    "__operators__.getitem": Operation("numpy.GetItem", "tensor slice_spec"),
}

TRANSPOSED_PRODUCTS = {
    (False, True): Operation("numpy.Einsum", "a b", defaults={"subscripts": "...ij,...kj->...ik"}),
    (True, False): Operation("numpy.Einsum", "a b", defaults={"subscripts": "...ji,...jk->...ik"}),
    (True, True): Operation("numpy.Einsum", "a b", defaults={"subscripts": "...ji,...kj->...ik"}),
}
"""The product of matrices, by which of the two is transposed before."""

IDENTITIES = {"identity", "nn.identity", "convert_to_tensor"}
"""Operations that leave their tensor as it is."""
