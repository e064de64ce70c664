"""exact_picture: whether a picture has regions that a panel can show in another way."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reluviz.app.preview import Preview
    from reluviz.core.picture import Picture


def exact_picture(picture: "Picture | Preview | None") -> "Picture | str":
    """Return the picture where it has regions, else in words why it has none."""
    if picture is None or picture.partition is None:
        return "Exact regions are being prepared."
    partition = picture.partition
    if partition.count > 0:
        return picture
    if partition.network.first_smooth is not None or picture.view.smooth == "melt":
        return (
            "What is smooth has no flat pieces to show here. Under View, Picture:"
            " \N{GREEK SMALL LETTER EPSILON}-linear regions, they are those of a stand-in within epsilon of it."
        )
    return partition.message or "There are no regions: the weights are not finite."
