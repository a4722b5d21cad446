"""Finds the variants: every module of `engine.gans` that defines one."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import engine.gans
from engine.errors import ConfigError
from engine.gans.variant import PresetSize, Variant
from engine.training.config import FeedbackMethod, TrainConfig


def variants() -> dict[str, type[Variant]]:
    """All variants by name, in alphabetical order. Adding one is adding one file here."""
    found: dict[str, type[Variant]] = {}
    for module in pkgutil.iter_modules(engine.gans.__path__, "engine.gans."):
        if module.ispkg:
            continue
        for member in vars(importlib.import_module(module.name)).values():
            if (
                inspect.isclass(member)
                and issubclass(member, Variant)
                and member.__module__ == module.name
                and not inspect.isabstract(member)
            ):
                found[member.name] = member
    return dict(sorted(found.items()))


def variant_class(name: str) -> type[Variant]:
    """The variant of this name; raises `ConfigError` with the known names."""
    known = variants()
    if name not in known:
        raise ConfigError(f"There is no variant '{name}'; known are {', '.join(known)}.")
    return known[name]


def accepting(method: FeedbackMethod) -> str:
    """The names of the variants that learn from ratings by ``method``, for a message."""
    return ", ".join(n for n, variant in variants().items() if method in variant.accepts_feedback)


def preset(variant: str, dataset: str, size: PresetSize) -> TrainConfig:
    """Settings of ``variant`` for ``dataset`` at ``size``; raises `ConfigError` if unknown."""
    return variant_class(variant).preset(dataset, size)
