"""What several of the 1000 ImageNet classes have in common, in one plain word each.

A group of dogs of thirty breeds is no group of any breed. The classes of animals and plants stand in the order of
WordNet (Miller 1995), so that most families are ranges; things made by people are scattered.
"""

__all__ = ["FAMILIES"]

_RANGES: dict[str, tuple[tuple[int, int], ...]] = {
    "fish": ((0, 1), (389, 397)),
    "shark": ((2, 4),),
    "ray": ((5, 6),),
    "bird": ((7, 24), (80, 100), (127, 146)),
    "salamander": ((25, 29),),
    "frog": ((30, 32),),
    "turtle": ((33, 37),),
    "lizard": ((38, 48),),
    "crocodile": ((49, 50),),
    "snake": ((52, 68),),
    "spider": ((72, 77),),
    "elephant": ((101, 101), (385, 386)),
    "crab": ((118, 121),),
    "whale": ((147, 148),),
    "dog": ((151, 268),),
    "wolf": ((269, 271),),
    "fox": ((277, 280),),
    "cat": ((281, 285),),
    "big cat": ((286, 293),),
    "bear": ((294, 297),),
    "insect": ((300, 320),),
    "butterfly": ((321, 326),),
    "rabbit": ((330, 332),),
    "pig": ((341, 343),),
    "sheep": ((348, 349),),
    "antelope": ((351, 353),),
    "ape": ((365, 369),),
    "monkey": ((370, 382),),
    "lemur": ((383, 384),),
    "panda": ((387, 388),),
    "vegetable": ((936, 946),),
    "mushroom": ((947, 947), (991, 997)),
    "fruit": ((948, 957),),
    "mountain": ((970, 970), (972, 972), (979, 980)),
    "coast": ((975, 978),),
}
_SCATTERED: dict[str, tuple[int, ...]] = {
    "aircraft": (404, 405, 812, 895, 908),
    "car": (436, 468, 475, 479, 511, 581, 609, 627, 656, 661, 751, 817),
    "truck": (555, 569, 675, 717, 864, 867),
    "bus": (654, 779, 874),
    "train": (466, 547, 565, 705, 820, 829),
    "boat": (472, 484, 554, 576, 625, 780, 814, 871, 914),
    "ship": (510, 628, 724),
    "bicycle": (444, 671),
    "guitar": (402, 546),
    "piano": (579, 881),
    "clock": (409, 530, 892),
}

FAMILIES: dict[str, tuple[int, ...]] = {
    **{word: tuple(i for first, last in ranges for i in range(first, last + 1)) for word, ranges in _RANGES.items()},
    **_SCATTERED,
}
"""Numbers of the classes by the word for all of them; no class is in two."""
