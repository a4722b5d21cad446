"""Zoom and pan: where an image lies in a view, kept in terms that other views can take over."""

from __future__ import annotations

from dataclasses import dataclass, replace

#: view pixels per image pixel, at most
MAX_SCALE = 64.0
#: smallest magnification over the fitted size
MIN_MAGNIFICATION = 0.25


@dataclass(frozen=True, slots=True)
class RelativeView:
    """What is looked at, whatever the sizes of image and view.

    ``magnification`` 1 fits the image into the view; ``center_x`` and ``center_y`` are the point
    in the middle of the view, as fractions of the image's width and height.
    """

    magnification: float = 1.0
    center_x: float = 0.5
    center_y: float = 0.5


FITTED = RelativeView()


@dataclass(frozen=True, slots=True)
class ViewTransform:
    """Maps points between an image and a view; sizes are in pixels and positive.

    Methods that change something return the new `RelativeView`; it always shows some of the image.
    """

    image_width: int
    image_height: int
    view_width: float
    view_height: float
    view: RelativeView = FITTED

    @property
    def fit_scale(self) -> float:
        """View pixels per image pixel of the fitted image."""
        return min(self.view_width / self.image_width, self.view_height / self.image_height)

    @property
    def scale(self) -> float:
        """View pixels per image pixel."""
        return self.fit_scale * self.view.magnification

    def to_view(self, x: float, y: float) -> tuple[float, float]:
        """View position of a point of the image; (0, 0) is the outer corner of its first pixel."""
        scale = self.scale
        return (
            self.view_width / 2 + (x - self.view.center_x * self.image_width) * scale,
            self.view_height / 2 + (y - self.view.center_y * self.image_height) * scale,
        )

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        """Inverse of `to_view`; the result may lie outside the image."""
        scale = self.scale
        return (
            self.view.center_x * self.image_width + (x - self.view_width / 2) / scale,
            self.view.center_y * self.image_height + (y - self.view_height / 2) / scale,
        )

    def zoomed(self, factor: float, x: float, y: float) -> RelativeView:
        """Magnified by ``factor`` about the view point (x, y), which keeps its image point."""
        magnification = self._limited(self.view.magnification * factor)
        kept_x, kept_y = self.to_image(x, y)
        scale = self.fit_scale * magnification
        return _on_the_image(
            RelativeView(
                magnification,
                (kept_x - (x - self.view_width / 2) / scale) / self.image_width,
                (kept_y - (y - self.view_height / 2) / scale) / self.image_height,
            )
        )

    def at_scale(self, scale: float) -> RelativeView:
        """The same middle at ``scale`` view pixels per image pixel."""
        return replace(self.view, magnification=self._limited(scale / self.fit_scale))

    def panned(self, dx: float, dy: float) -> RelativeView:
        """The image moved by (dx, dy) view pixels."""
        return _on_the_image(
            replace(
                self.view,
                center_x=self.view.center_x - dx / (self.scale * self.image_width),
                center_y=self.view.center_y - dy / (self.scale * self.image_height),
            )
        )

    def _limited(self, magnification: float) -> float:
        highest = max(1.0, MAX_SCALE / self.fit_scale)
        return min(highest, max(MIN_MAGNIFICATION, magnification))


def _on_the_image(view: RelativeView) -> RelativeView:
    """The middle of the view held on the image, so that it cannot be lost out of sight."""
    return replace(
        view,
        center_x=min(1.0, max(0.0, view.center_x)),
        center_y=min(1.0, max(0.0, view.center_y)),
    )
