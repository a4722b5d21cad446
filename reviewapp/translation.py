"""The languages of the app: which there are, and installing one in Qt.

Texts are written in English where they are used, as ``translate("Context", "Text")``, and gathered
by ``python resources/translations/update.py`` into ``resources/translations``.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from reviewapp.resources import resource_path

#: by code, as each calls itself
LANGUAGES = {"en": "English", "de": "Deutsch", "ru": "Русский"}

#: Qt's own, under a name that its tool for gathering texts knows; give "%n" and a count for plurals
translate = QCoreApplication.translate

_installed: list[QTranslator] = []


def language_of_system() -> str:
    """The first of the user's languages that the app speaks, else English."""
    for name in QLocale.system().uiLanguages():
        code = name.split("-")[0].lower()
        if code in LANGUAGES:
            return code
    return "en"


def install_language(application: QCoreApplication, language: str) -> str:
    """Let texts that are asked for from now on be in ``language``; "" is the system's.

    Returns the language installed; one that the app does not speak becomes English.
    """
    chosen = language or language_of_system()
    if chosen not in LANGUAGES:
        chosen = "en"
    while _installed:
        application.removeTranslator(_installed.pop())
    own = QTranslator(application)
    own.load(str(resource_path("translations", f"medgan-review_{chosen}.qm")))
    qt = QTranslator(application)
    qt.load(f"qtbase_{chosen}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    for translator in (qt, own):
        application.installTranslator(translator)
        _installed.append(translator)
    return chosen
