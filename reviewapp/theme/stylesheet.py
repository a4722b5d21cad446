"""The Qt style sheet, written once from the palette."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from reviewapp.resources import resource_path
from reviewapp.theme.palette import use_colours
from reviewapp.theme.tokens import CONTROL_HEIGHT, DARK, RADIUS, SPACE_M, SPACE_S, Palette


def apply_theme(application: QApplication, palette: Palette = DARK) -> None:
    """Give the whole application the look of ``palette``."""
    use_colours(palette)
    application.setStyle("Fusion")
    application.setPalette(_qt_palette(palette))
    application.setStyleSheet(stylesheet(palette))


def _qt_palette(colours: Palette) -> QPalette:
    palette = QPalette()
    roles = QPalette.ColorRole
    for role, colour in (
        (roles.Window, colours.background),
        (roles.Base, colours.surface),
        (roles.AlternateBase, colours.surface_raised),
        (roles.Button, colours.surface_raised),
        (roles.WindowText, colours.text),
        (roles.Text, colours.text),
        (roles.ButtonText, colours.text),
        (roles.ToolTipBase, colours.surface_raised),
        (roles.ToolTipText, colours.text),
        (roles.PlaceholderText, colours.text_secondary),
        (roles.Highlight, colours.accent_strong),
        (roles.HighlightedText, colours.on_accent),
        (roles.Link, colours.accent),
    ):
        palette.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.disabled))
    return palette


def stylesheet(c: Palette = DARK) -> str:
    """The style sheet's text.

    Widgets choose among variants by a dynamic property: ``role`` is one of *primary*, *danger*,
    *quiet*, *answer*, *reason*, *mark*, *command*,
    *navigation* on buttons, *title*, *heading*, *secondary*, *error* on labels, and *thin* on
    progress bars.

    Labels, messages and tooltips show their text as it is, because it may come from elsewhere: no
    tag in a name is obeyed, no picture that it names is loaded. *marked-up* is for own words only.
    """
    indicators = resource_path("indicators").as_posix()
    return f"""
* {{ font-size: 13px; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QMainWindow, QDialog {{ background: {c.background}; }}
QLabel, QToolTip {{ qproperty-textFormat: PlainText; }}
QLabel[role="marked-up"] {{ qproperty-textFormat: RichText; }}
QLabel[role="title"] {{ font-size: 22px; font-weight: 600; }}
QLabel[role="heading"] {{ font-size: 15px; font-weight: 600; }}
QLabel[role="secondary"] {{ color: {c.text_secondary}; }}
QLabel[role="error"] {{ color: {c.danger}; }}
QFrame[role="card"] {{
    background: {c.surface}; border: 1px solid {c.border}; border-radius: {RADIUS}px;
}}
QFrame[role="message-error"] {{
    background: {c.danger_surface}; border: 1px solid {c.danger}; border-radius: {RADIUS}px;
}}
QFrame[role="message-info"] {{
    background: {c.surface_raised}; border: 1px solid {c.accent}; border-radius: {RADIUS}px;
}}
QPushButton {{
    min-height: {CONTROL_HEIGHT - 2}px; padding: 0 {SPACE_M}px; border-radius: {RADIUS}px;
    border: 1px solid {c.border}; background: {c.surface_raised};
}}
QPushButton:hover {{ border-color: {c.accent}; }}
QPushButton:pressed {{ background: {c.selection}; }}
QPushButton:focus {{ border: 2px solid {c.accent}; }}
QPushButton:disabled {{ color: {c.disabled}; background: {c.surface}; border-color: {c.border}; }}
QPushButton:checked {{ background: {c.selection}; border-color: {c.accent}; }}
QPushButton[role="primary"] {{
    background: {c.accent_strong}; border-color: {c.accent_strong}; color: {c.on_accent};
    font-weight: 600;
}}
QPushButton[role="primary"]:hover {{ border-color: {c.text}; }}
QPushButton[role="primary"]:focus {{ border: 2px solid {c.text}; }}
QPushButton[role="primary"]:disabled {{
    background: {c.surface_raised}; border-color: {c.border}; color: {c.disabled};
}}
QPushButton[role="danger"] {{ color: {c.danger}; border-color: {c.danger}; }}
QPushButton[role="quiet"] {{ background: transparent; border-color: transparent; }}
QPushButton[role="quiet"]:hover {{ background: {c.surface_raised}; }}
QPushButton[role="quiet"]:focus {{ border: 2px solid {c.accent}; }}
QPushButton[role="answer"] {{ min-height: 50px; }}
QWidget[tight="true"] QPushButton[role="answer"] {{
    min-height: 42px; padding: 0 2px; font-size: 11px;
}}
QPushButton[role="command"] {{
    background: transparent; border-color: transparent; padding: 0 {SPACE_S}px;
}}
QPushButton[role="command"]:hover {{ background: {c.surface_raised}; }}
QPushButton[role="reason"], QPushButton[role="mark"] {{ text-align: left; padding: 0 {SPACE_S}px; }}
QPushButton[role="mark"] {{ background: transparent; border-color: transparent; }}
QPushButton[role="mark"]:hover {{ background: {c.surface_raised}; }}
QPushButton[role="navigation"] {{
    text-align: left; padding-left: {SPACE_M}px; min-height: 38px;
    background: transparent; border: 1px solid transparent;
}}
QPushButton[role="navigation"][low="true"] {{ min-height: 30px; }}
QPushButton[role="navigation"]:hover {{ background: {c.surface_raised}; }}
QPushButton[role="navigation"]:checked {{ background: {c.selection}; font-weight: 600; }}
QPushButton[role="navigation"]:focus {{ border: 2px solid {c.accent}; }}
QWidget#navigation {{ background: {c.surface}; border-right: 1px solid {c.border}; }}
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit {{
    background: {c.surface}; border: 1px solid {c.outline}; border-radius: {RADIUS}px;
    padding: 0 {SPACE_S}px; selection-background-color: {c.accent_strong};
}}
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox {{ min-height: {CONTROL_HEIGHT - 2}px; }}
QPlainTextEdit {{ padding: {SPACE_S}px; }}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus {{
    border: 2px solid {c.accent};
}}
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {{
    color: {c.disabled}; border-color: {c.border};
}}
QAbstractSpinBox > QLineEdit {{
    border: none; background: transparent; min-height: 0; padding: 0 {SPACE_S}px;
}}
QComboBox::drop-down {{ border: none; width: 24px; }}
QComboBox::down-arrow {{ image: url("{indicators}/chevron-down.svg"); width: 16px; height: 16px; }}
QSpinBox::up-button, QDoubleSpinBox::up-button,
QSpinBox::down-button, QDoubleSpinBox::down-button {{
    border: none; background: transparent; width: 20px;
}}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{
    image: url("{indicators}/chevron-up.svg"); width: 12px; height: 12px;
}}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{
    image: url("{indicators}/chevron-down.svg"); width: 12px; height: 12px;
}}
QRadioButton, QCheckBox {{ spacing: {SPACE_S}px; min-height: 22px; }}
QRadioButton::indicator, QCheckBox::indicator, QListView::indicator {{
    width: 14px; height: 14px; border: 1px solid {c.outline}; background: {c.surface};
}}
QRadioButton::indicator {{ border-radius: 8px; }}
QCheckBox::indicator, QListView::indicator {{ border-radius: 4px; }}
QRadioButton::indicator:hover, QCheckBox::indicator:hover {{ border-color: {c.accent}; }}
QRadioButton::indicator:focus, QCheckBox::indicator:focus {{ border: 2px solid {c.text}; }}
QRadioButton::indicator:checked, QCheckBox::indicator:checked,
QListView::indicator:checked {{
    background: {c.accent_strong}; border-color: {c.accent_strong};
}}
QRadioButton::indicator:checked {{ image: url("{indicators}/dot.svg"); }}
QCheckBox::indicator:checked, QListView::indicator:checked {{
    image: url("{indicators}/check.svg");
}}
QRadioButton::indicator:disabled, QCheckBox::indicator:disabled {{ border-color: {c.border}; }}
QComboBox QAbstractItemView {{
    background: {c.surface_raised}; border: 1px solid {c.border};
    selection-background-color: {c.accent_strong};
}}
QAbstractItemView {{
    background: {c.background}; border: 1px solid {c.border}; border-radius: {RADIUS}px;
    outline: none;
}}
QAbstractItemView:focus {{ border: 1px solid {c.accent}; }}
QTableView {{
    gridline-color: {c.border}; selection-background-color: {c.selection};
    selection-color: {c.text};
}}
QTableView::item {{ padding: 0 {SPACE_S}px; }}
QHeaderView::section {{
    background: {c.surface}; color: {c.text_secondary}; border: none;
    border-bottom: 1px solid {c.border}; padding: 6px {SPACE_S}px; font-weight: 600;
}}
QProgressBar {{
    border: 1px solid {c.border}; border-radius: 4px; background: {c.surface};
    text-align: center; min-height: 16px; max-height: 16px;
}}
QProgressBar::chunk {{ background: {c.accent_strong}; border-radius: 3px; }}
QProgressBar[role="thin"] {{
    min-height: 4px; max-height: 4px; border: none; border-radius: 2px; background: {c.border};
}}
QProgressBar[role="thin"]::chunk {{ border-radius: 2px; }}
QScrollBar:vertical {{ background: {c.background}; width: 12px; margin: 0; }}
QScrollBar::handle:vertical {{
    background: {c.scroll_handle}; border-radius: 4px; min-height: 28px; margin: 2px;
}}
QScrollBar:horizontal {{ background: {c.background}; height: 12px; margin: 0; }}
QScrollBar::handle:horizontal {{
    background: {c.scroll_handle}; border-radius: 4px; min-width: 28px; margin: 2px;
}}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QScrollArea {{ border: none; background: transparent; }}
QSplitter::handle {{ background: {c.border}; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {c.border}; }}
QTabBar {{ qproperty-drawBase: 0; }}
QTabBar::tab {{
    color: {c.text_secondary}; background: transparent; padding: 7px {SPACE_M}px;
    border: 1px solid transparent; border-bottom: 3px solid transparent;
}}
QTabBar::tab:hover {{ color: {c.text}; }}
QTabBar::tab:selected {{ color: {c.text}; border-bottom-color: {c.accent}; }}
QTabBar::tab:selected:focus {{ background: {c.selection}; }}
QStatusBar {{
    background: {c.surface}; border-top: 1px solid {c.border}; color: {c.text_secondary};
}}
QStatusBar::item {{ border: none; }}
QToolTip {{
    background: {c.surface_raised}; color: {c.text}; border: 1px solid {c.border}; padding: 4px;
}}
QGroupBox {{
    border: 1px solid {c.border}; border-radius: {RADIUS}px; margin-top: 18px; padding: {SPACE_S}px;
}}
QGroupBox::title {{
    subcontrol-origin: margin; left: {SPACE_S}px; padding: 0 4px; color: {c.text_secondary};
}}
"""
