"""What a model may be made of. Whatever does not stand here is refused before Keras sees it.

To allow one more class, add its name to the list of its kind. Nothing may stand here that runs code of the file, opens a
path, or reaches the network: no `Lambda`, no `TFSMLayer`, no bridges to other frameworks, no abstract bases.
"""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


MODELS = frozenset({"Functional", "Sequential"})

WRAPPERS: dict[str, tuple[str, ...]] = {
    "Bidirectional": ("layer", "backward_layer"),
    "TimeDistributed": ("layer",),
    "SpectralNormalization": ("layer",),
}
"""Layers that hold layers, and the arguments that hold them."""

CELLS = frozenset({"GRUCell", "LSTMCell", "SimpleRNNCell", "StackedRNNCells"})

MERGING = frozenset({"Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract"})

APPLICATION_LAYERS = {
    "CustomScaleLayer": "keras.src.applications.inception_resnet_v2",
    "LayerScale": "keras.src.applications.convnext",
}
"""Layers that Keras made for its own networks, and their modules."""

RECURRENT = frozenset({"ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "GRU", "LSTM", "RNN", "SimpleRNN", "Bidirectional"})

LAYERS = (
    _names("""
    Activation ActivityRegularization AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
    AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D AdditiveAttention AlphaDropout Attention AugMix
    AutoContrast AveragePooling1D AveragePooling2D AveragePooling3D BatchNormalization CategoryEncoding CenterCrop Conv1D
    Conv1DTranspose Conv2D Conv2DTranspose Conv3D Conv3DTranspose Cropping1D Cropping2D Cropping3D Dense DepthwiseConv1D
    DepthwiseConv2D Discretization Dropout ELU EinsumDense Embedding Equalization Flatten GaussianDropout GaussianNoise
    GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D
    GlobalMaxPooling3D GroupNormalization GroupQueryAttention HashedCrossing Hashing Identity InputLayer IntegerLookup
    LayerNormalization LeakyReLU Masking MaxNumBoundingBoxes MaxPooling1D MaxPooling2D MaxPooling3D MelSpectrogram
    MixUp CutMix MultiHeadAttention Normalization PReLU Permute RMSNormalization RandAugment RandomBrightness
    RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop RandomElasticTransform RandomErasing RandomFlip
    RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPerspective RandomPosterization RandomRotation
    RandomSaturation RandomSharpness RandomShear RandomTranslation RandomZoom ReLU RepeatVector Rescaling Reshape Resizing
    ReversibleEmbedding STFTSpectrogram SeparableConv1D SeparableConv2D Softmax Solarization SpatialDropout1D SpatialDropout2D
    SpatialDropout3D StringLookup TextVectorization UnitNormalization UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D
    ZeroPadding2D ZeroPadding3D
    """)
    | MERGING
    | RECURRENT
    | CELLS
    | frozenset(WRAPPERS)
    | frozenset(APPLICATION_LAYERS)
)

MODULES: dict[str, frozenset[str]] = {
    "keras.layers": LAYERS - frozenset(APPLICATION_LAYERS),
    **{module: frozenset({name}) for name, module in APPLICATION_LAYERS.items()},
    "keras.models": MODELS,
    "keras.initializers": _names("""
        Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity IdentityInitializer LecunNormal LecunUniform Ones
        Orthogonal OrthogonalInitializer RandomNormal RandomUniform STFT STFTInitializer TruncatedNormal VarianceScaling Zeros
        """),
    "keras.regularizers": frozenset({"L1", "L1L2", "L2", "OrthogonalRegularizer"}),
    "keras.constraints": frozenset({"MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"}),
    "keras.src.ops.numpy": _names("""
        Absolute Add All Any Arccos Arccosh Arcsin Arcsinh Arctan Arctan2 Arctanh Argmax Argmin Argsort Average BroadcastTo
        Cbrt Ceil Clip Concatenate Copy Cos Cosh CountNonzero Cross Cumprod Cumsum Diagonal Diff Divide DivideNoNan Dot Einsum
        Equal Exp Exp2 ExpandDims Expm1 Flip Floor FloorDivide FullLike GetItem Greater GreaterEqual Hstack Hypot Inner
        Isfinite Isinf Isnan Less LessEqual Log Log10 Log1p Log2 Logaddexp LogicalAnd LogicalNot LogicalOr LogicalXor Matmul
        Max Maximum Mean Median Min Minimum Mod Moveaxis Multiply NanToNum Negative NotEqual OnesLike Outer Pad Power Prod
        Quantile Ravel Reciprocal Repeat Reshape Roll Round Select Sign Sin Sinh Sort Split Sqrt Square Squeeze Stack Std
        Subtract Sum Swapaxes Take TakeAlongAxis Tan Tanh Tensordot Tile Trace Transpose Tril Triu TrueDivide Trunc Var Vdot
        Vstack Where ZerosLike
        """),
    "keras.src.ops.nn": _names("""
        AdaptiveAveragePool AdaptiveMaxPool AveragePool BatchNorm Celu Conv ConvTranspose DepthToSpace DepthwiseConv
        DotProductAttention Elu Gelu Glu HardShrink HardSigmoid HardSilu HardTanh LayerNorm LeakyRelu LogSigmoid LogSoftmax
        MaxPool Moments MultiHot Normalize OneHot RMSNorm Relu Relu6 Selu SeparableConv Sigmoid Silu SoftShrink Softmax
        Softplus Softsign SpaceToDepth SparsePlus SparseSigmoid Sparsemax Squareplus TanhShrink Threshold
        """),
    "keras.src.ops.math": frozenset({"Erf", "Erfc", "Erfinv", "Logsumexp", "Rsqrt", "TopK"}),
    "keras.src.ops.linalg": frozenset({"Norm"}),
    "keras.src.ops.image": frozenset({"Resize"}),
    "keras.src.ops.core": frozenset({"Cast", "ConvertToTensor", "SaturateCast", "Slice", "StopGradient", "Unstack"}),
}
"""Which class may come from which module, in today's spelling."""

OPERATION_MODULES = tuple(module for module in MODULES if module.startswith("keras.src.ops."))

ACTIVATIONS = _names("""
    celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu linear log_sigmoid
    log_softmax mish relu relu6 selu sigmoid silu softmax soft_shrink softplus softsign sparse_plus sparse_sigmoid sparsemax
    squareplus swish tanh tanh_shrink threshold
    """)

VALUES = frozenset({"__ellipsis__", "__keras_tensor__", "__numpy__", "__slice__", "__tensor__", "__tuple__"})
"""Plain values that JSON cannot spell."""

DTYPES = _names("""
    bfloat16 bool float16 float32 float64 int16 int32 int64 int8 mixed_bfloat16 mixed_float16 string uint16 uint32 uint64 uint8
    """)

PATH_KEYS = _names("""
    cache_dir directory file_path file_pattern filepath fname idf_weights module_path origin path to_file url vocabulary weights
    """)
"""Arguments that a class of Keras may take as the address of a file: text is refused there."""

VALUE_KEYS = _names("mask_value mean offset scale variance")
"""Arguments that are numbers of the data and may be large; any other number may be the size of something."""
