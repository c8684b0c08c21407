"""The networks of keras.applications: their inputs, the length of their vectors, and the files with their weights.

From the source of Keras 3.15, so that the list needs no Keras; `tests/extractors/test_applications.py` compares.
"""

from dataclasses import dataclass

__all__ = ["APPLICATIONS", "Application"]

_STORAGE = "https://storage.googleapis.com/"
_GOOD_FOR = {
    "resnet50": "photographs, and for comparing with others' results: the network that most have used",
    "vgg16": "textures and the style of drawings; slow",
    "mobilenetv2": "photographs, when there are many and time is short",
    "efficientnetv2b0": "photographs; newer than ResNet50, and quicker",
    "convnexttiny": "photographs; the newest of these networks, and slow",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One network of keras.applications.

    Attributes
    ----------
    title : str
        The function that builds it, such as "ResNet50".
    module : str
        The module of its ``preprocess_input``.
    side : int
        Height and width of its input in pixels.
    n_features : int
        Channels of its last layer before the classifying head.
    megabytes : int
        Size of its weights without that head.
    rate : float
        Images per second on two cores.
    file : str
        What Keras calls the file with those weights.
    """

    title: str
    module: str
    side: int
    n_features: int
    megabytes: int
    rate: float
    file: str

    @property
    def name(self) -> str:
        """The key, for the store and the command line."""
        return self.title.lower()

    @property
    def url(self) -> str:
        """Where Keras fetches the file."""
        if self.module == "efficientnet":
            return f"{_STORAGE}keras-applications/{self.file}"
        folder = "resnet" if self.module == "resnet_v2" else self.module
        file = self.file.replace("nasnet", "NASNet").replace("_", "-") if self.module == "nasnet" else self.file
        return f"{_STORAGE}tensorflow/keras-applications/{folder}/{file}"

    @property
    def good_for(self) -> str:
        """Completes "good for ..."."""
        return _GOOD_FOR.get(self.name, "photographs")

    @property
    def load_seconds(self) -> float:
        """About how long it takes to load, TensorFlow included and fetching not."""
        return 10.0 + self.megabytes / 50


_FIELDS = ("title", "module", "side", "n_features", "megabytes", "rate", "file")
_ROWS = (
    ("ConvNeXtBase", "convnext", 224, 1024, 350, 1.6, "convnext_base_notop.h5"),
    ("ConvNeXtLarge", "convnext", 224, 1536, 785, 0.5, "convnext_large_notop.h5"),
    ("ConvNeXtSmall", "convnext", 224, 768, 198, 2.2, "convnext_small_notop.h5"),
    ("ConvNeXtTiny", "convnext", 224, 768, 111, 3.2, "convnext_tiny_notop.h5"),
    ("ConvNeXtXLarge", "convnext", 224, 2048, 1393, 0.3, "convnext_xlarge_notop.h5"),
    ("DenseNet121", "densenet", 224, 1024, 28, 23, "densenet121_weights_tf_dim_ordering_tf_kernels_notop.h5"),
    ("DenseNet169", "densenet", 224, 1664, 51, 18, "densenet169_weights_tf_dim_ordering_tf_kernels_notop.h5"),
    ("DenseNet201", "densenet", 224, 1920, 73, 14, "densenet201_weights_tf_dim_ordering_tf_kernels_notop.h5"),
    ("EfficientNetB0", "efficientnet", 224, 1280, 16, 49, "efficientnetb0_notop.h5"),
    ("EfficientNetB1", "efficientnet", 240, 1280, 26, 29, "efficientnetb1_notop.h5"),
    ("EfficientNetB2", "efficientnet", 260, 1408, 31, 29, "efficientnetb2_notop.h5"),
    ("EfficientNetB3", "efficientnet", 300, 1536, 43, 20, "efficientnetb3_notop.h5"),
    ("EfficientNetB4", "efficientnet", 380, 1792, 71, 10, "efficientnetb4_notop.h5"),
    ("EfficientNetB5", "efficientnet", 456, 2048, 114, 4.6, "efficientnetb5_notop.h5"),
    ("EfficientNetB6", "efficientnet", 528, 2304, 164, 2.8, "efficientnetb6_notop.h5"),
    ("EfficientNetB7", "efficientnet", 600, 2560, 256, 1.5, "efficientnetb7_notop.h5"),
    ("EfficientNetV2B0", "efficientnet_v2", 224, 1280, 24, 56, "efficientnetv2-b0_notop.h5"),
    ("EfficientNetV2B1", "efficientnet_v2", 240, 1280, 28, 34, "efficientnetv2-b1_notop.h5"),
    ("EfficientNetV2B2", "efficientnet_v2", 260, 1408, 35, 22, "efficientnetv2-b2_notop.h5"),
    ("EfficientNetV2B3", "efficientnet_v2", 300, 1536, 52, 19, "efficientnetv2-b3_notop.h5"),
    ("EfficientNetV2L", "efficientnet_v2", 480, 1280, 471, 1.5, "efficientnetv2-l_notop.h5"),
    ("EfficientNetV2M", "efficientnet_v2", 480, 1280, 213, 3.1, "efficientnetv2-m_notop.h5"),
    ("EfficientNetV2S", "efficientnet_v2", 384, 1280, 81, 7.7, "efficientnetv2-s_notop.h5"),
    (
        "InceptionResNetV2",
        "inception_resnet_v2",
        299,
        1536,
        217,
        6.2,
        "inception_resnet_v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
    ),
    ("InceptionV3", "inception_v3", 299, 2048, 87, 14, "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5"),
    ("MobileNet", "mobilenet", 224, 1024, 13, 55, "mobilenet_1_0_224_tf_no_top.h5"),
    (
        "MobileNetV2",
        "mobilenet_v2",
        224,
        1280,
        9,
        63,
        "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
    ),
    ("MobileNetV3Large", "mobilenet_v3", 224, 960, 12, 60, "weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5"),
    ("MobileNetV3Small", "mobilenet_v3", 224, 576, 4, 98, "weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5"),
    ("NASNetLarge", "nasnet", 331, 4032, 340, 3.1, "nasnet_large_no_top.h5"),
    ("NASNetMobile", "nasnet", 224, 1056, 17, 41, "nasnet_mobile_no_top.h5"),
    ("ResNet101", "resnet", 224, 2048, 171, 11, "resnet101_weights_tf_dim_ordering_tf_kernels_notop.h5"),
    ("ResNet101V2", "resnet_v2", 224, 2048, 171, 12, "resnet101v2_weights_tf_dim_ordering_tf_kernels_notop.h5"),
    ("ResNet152", "resnet", 224, 2048, 233, 7.5, "resnet152_weights_tf_dim_ordering_tf_kernels_notop.h5"),
    ("ResNet152V2", "resnet_v2", 224, 2048, 233, 7.6, "resnet152v2_weights_tf_dim_ordering_tf_kernels_notop.h5"),
    ("ResNet50", "resnet", 224, 2048, 94, 18, "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"),
    ("ResNet50V2", "resnet_v2", 224, 2048, 94, 20, "resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5"),
    ("VGG16", "vgg16", 224, 512, 59, 6.8, "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"),
    ("VGG19", "vgg19", 224, 512, 80, 5.5, "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5"),
    ("Xception", "xception", 299, 2048, 83, 8.5, "xception_weights_tf_dim_ordering_tf_kernels_notop.h5"),
)

APPLICATIONS = tuple(Application(**dict(zip(_FIELDS, row, strict=True))) for row in _ROWS)
