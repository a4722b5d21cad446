from __future__ import annotations

import importlib.util
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from reviewapp.rating.response_options import SCALES
from reviewapp.rating.response_scale import ResponseScale
from reviewapp.rating.session_keys import help_rows
from reviewapp.rating.session_words import break_text, end_text, intro_text
from reviewapp.resources import resource_path
from reviewapp.study.protocol import Protocol
from reviewapp.study.session import SessionProgress
from reviewapp.translation import LANGUAGES, install_language

TRANSLATIONS = Path(__file__).parents[2] / "resources" / "translations"


@pytest.fixture(autouse=True)
def english_again(qapp: QApplication) -> Iterator[None]:
    yield
    install_language(qapp, "en")


def protocol(**changes: object) -> Protocol:
    fields: dict[str, object] = {"protocol_id": "p", "title": "P", "n_real": 3, "n_generated": 3}
    return Protocol.model_validate(fields | changes)


def progress(answered: int, total: int) -> SessionProgress:
    return SessionProgress(answered, total, block_number=1, n_blocks=1)


#: contexts of the rating screen, which is translated; all else waits for translators
RATING_SCREEN = ("Answer", "Keys", "Marks", "Session")


def messages(language: str, contexts: tuple[str, ...] = ()) -> list[ET.Element]:
    tree = ET.parse(TRANSLATIONS / f"medgan-review_{language}.ts")
    return [
        message
        for context in tree.getroot().iter("context")
        if not contexts or context.findtext("name") in contexts
        for message in context.iter("message")
    ]


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [
        ("en", "1 image to judge.", "5 images to judge."),
        ("de", "1 Bild ist zu beurteilen.", "5 Bilder sind zu beurteilen."),
        ("ru", "Нужно оценить 1 изображение.", "Нужно оценить 5 изображений."),
    ],
)
def test_a_session_speaks_the_language_with_its_plurals(
    qapp: QApplication, language: str, one: str, many: str
) -> None:
    assert install_language(qapp, language) == language
    assert intro_text(protocol(), progress(0, 1))[1].splitlines()[0] == one
    assert intro_text(protocol(), progress(0, 5))[1].splitlines()[0] == many


def test_russian_has_its_third_form(qapp: QApplication) -> None:
    install_language(qapp, "ru")
    assert "Нужно оценить 3 изображения." in intro_text(protocol(), progress(0, 3))[1]
    assert "Сохранён 21 ответ." in end_text(progress(21, 21))[1]


@pytest.mark.parametrize("language", ["de", "ru"])
def test_nothing_of_the_rating_screen_is_left_in_english(
    qtbot: QtBot, qapp: QApplication, language: str
) -> None:
    def said() -> set[str]:
        scale = ResponseScale("confidence6")
        qtbot.addWidget(scale)
        words = {button.accessibleName() for button in scale.findChildren(QPushButton)}
        words |= {option.label for options in SCALES.values() for option in options}
        words |= {meaning for _, meaning in help_rows(protocol())}
        words |= set(break_text(protocol(), progress(2, 5), None, 120.0))
        return words | set(intro_text(protocol(training_trials=2), progress(0, 5)))

    english = said()
    install_language(qapp, language)
    assert not english & said()


def test_an_unknown_language_is_english(qapp: QApplication) -> None:
    assert install_language(qapp, "tlh") == "en"
    assert install_language(qapp, "") in LANGUAGES


def test_texts_of_all_pages_wait_for_translators() -> None:
    tree = ET.parse(TRANSLATIONS / "medgan-review_de.ts")
    contexts = {context.findtext("name") for context in tree.getroot().iter("context")}
    assert {"Browse", "Rating", "Results", "Training", "Rounds", "Evaluation"} <= contexts


@pytest.mark.parametrize("language", ["de", "ru"])
def test_every_text_of_the_rating_screen_is_translated_with_its_placeholders(language: str) -> None:
    found = messages(language, RATING_SCREEN)
    assert len(found) > 90
    for message in found:
        source = message.findtext("source") or ""
        translation = message.find("translation")
        assert translation is not None
        assert translation.get("type") is None, f"not translated: {source}"
        forms = [form.text or "" for form in translation] or [translation.text or ""]
        for form in forms:
            assert form, source
            for place in ("{number}", "{total}", "{time}", "{left}", "{done}", "{key}"):
                assert (place in form) == (place in source), (source, form)


def test_sources_and_compiled_files_are_up_to_date(tmp_path: Path) -> None:
    path = TRANSLATIONS / "update.py"
    spec = importlib.util.spec_from_file_location("update_translations", path)
    assert spec is not None and spec.loader is not None
    update = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = update
    spec.loader.exec_module(update)
    for language in update.LANGUAGES:
        name = f"medgan-review_{language}.ts"
        (tmp_path / name).write_bytes((TRANSLATIONS / name).read_bytes())
    update.HERE = tmp_path
    update.gather()
    for language in update.LANGUAGES:
        tree = ET.parse(tmp_path / f"medgan-review_{language}.ts")
        gathered = [m.findtext("source") for m in tree.getroot().iter("message")]
        assert gathered == [m.findtext("source") for m in messages(language)]
    update.release(tmp_path)
    for language in update.LANGUAGES:
        name = f"medgan-review_{language}.qm"
        assert (tmp_path / name).read_bytes() == resource_path("translations", name).read_bytes()
