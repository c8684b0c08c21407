"""What people want to group by, and the extractors that do it."""

from dataclasses import dataclass

from imgcluster.errors import ExtractorError
from imgcluster.features.options import FeatureOptions, parse_features

__all__ = ["ELSE", "FACES", "GOALS", "Goal", "goal_of", "offered_goals"]

FACES, ELSE = "faces", "else"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One answer to "What should count as similar?".

    Attributes
    ----------
    name : str
        For keys.
    title, example : str
        For the screen.
    icon : str
    texts : tuple of (str, str)
        Title and features, as `imgcluster.features.options.parse_features` reads them; the first is the usual way,
        later ones are slower. Empty for faces, which are found first, and for what is put together by hand.
    """

    name: str
    title: str
    example: str
    icon: str
    texts: tuple[tuple[str, str], ...] = ()

    @property
    def ways(self) -> dict[str, FeatureOptions]:
        """The features of each way by its title.

        Raises
        ------
        ExtractorError
            When the list of extractors has no such entry.
        """
        return {title: parse_features(text) for title, text in self.texts}


GOALS = (
    Goal(
        name="things",
        title="Things in the photo",
        example="Dogs with dogs, cars with cars",
        icon=":material/pets:",
        texts=(("Quick", "quick"), ("Thorough", "thorough")),
    ),
    Goal(
        name="shapes",
        title="Shapes and outlines",
        example="Round with round, pointed with pointed, whatever the colour",
        icon=":material/category:",
        texts=(("Usual", "hog"),),
    ),
    Goal(
        name="drawings",
        title="Small drawings",
        example="Digits, letters and signs of one size, compared point by point",
        icon=":material/draw:",
        texts=(("Usual", "pixels"),),
    ),
    Goal(
        name="colours",
        title="Colours",
        example="Sunsets with sunsets, meadows with meadows",
        icon=":material/palette:",
        texts=(("Usual", "colour"),),
    ),
    Goal(
        name="textures",
        title="Textures",
        example="Bricks with bricks, fur with fur",
        icon=":material/texture:",
        texts=(("Usual", "texture"),),
    ),
    Goal(
        name="copies",
        title="Exact copies",
        example="The same picture once more, in another size or file format",
        icon=":material/content_copy:",
        texts=(("Usual", "phash"),),
    ),
    Goal(
        name=FACES,
        title="Faces",
        example="The same person, wherever they are in the picture",
        icon=":material/face:",
    ),
    Goal(
        name=ELSE,
        title="Something else",
        example="Any extractor with all its settings, several combined, or vectors from elsewhere",
        icon=":material/tune:",
    ),
)


def offered_goals() -> dict[str, Goal]:
    """Return the goals by name, without those whose extractors are not on the list."""
    return {goal.name: goal for goal in GOALS if _is_listed(goal)}


def goal_of(features: FeatureOptions) -> str:
    """Return the name of the goal that these features serve; ``ELSE`` where none names them."""
    return next((name for name, goal in offered_goals().items() if features in goal.ways.values()), ELSE)


def _is_listed(goal: Goal) -> bool:
    try:
        return bool(goal.ways) or goal.name in (FACES, ELSE)
    except ExtractorError:
        return False
