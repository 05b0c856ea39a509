"""The network's shape: layers, units, functions, first weights."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from engine.settings import MAX_HIDDEN_LAYERS, MAX_UNITS, Settings, default, shown
from gui.panels.check_row import CheckRow
from gui.panels.foldable_section import FoldableSection
from gui.panels.form import FieldRow
from gui.panels.per_layer import ActivationRow
from gui.panels.setting_rows import ChoiceRow, NumberRow, SeedRow, SettingRow
from gui.panels.stepper import Stepper
from gui.session.messages import RunInfo
from gui.theme import LIGHT, Theme


class UnitsRow(FieldRow):
    """The units of one hidden layer.

    Signals
    -------
    units_requested(int, int)
        Index of the hidden layer from 0, and the number of units wanted.
    """

    units_requested = Signal(int, int)

    def __init__(self, layer: int) -> None:
        label = f"Units, layer {layer + 1}"
        self.stepper = Stepper(label, 1, MAX_UNITS)
        super().__init__(label, self.stepper, shown("hidden").help)
        self._layer = layer
        self.stepper.value_requested.connect(self._pass_on)

    @Slot(int)
    def _pass_on(self, units: int) -> None:
        self.units_requested.emit(self._layer, units)


class LayersRow(SettingRow):
    """The number of hidden layers, and below it the units of each."""

    def __init__(self) -> None:
        self.stepper = Stepper(shown("hidden").label, 0, MAX_HIDDEN_LAYERS)
        super().__init__("hidden", self.stepper)
        self.units: list[UnitsRow] = []
        self._hidden: tuple[int, ...] = ()
        self._theme = LIGHT
        self.unit_rows = QWidget()
        self._units_column = QVBoxLayout(self.unit_rows)
        self._units_column.setContentsMargins(0, 2, 0, 0)
        self._units_column.setSpacing(4)
        self.add_below(self.unit_rows)
        self.stepper.value_requested.connect(self._ask_layers)

    def show_settings(self, settings: Settings) -> None:
        """Show as many rows of units as there are hidden layers."""
        self._hidden = settings.hidden
        self.stepper.show_value(len(settings.hidden))
        while len(self.units) < len(settings.hidden):
            self._add_row()
        for index, row in enumerate(self.units):
            row.setHidden(index >= len(settings.hidden))
            if index < len(settings.hidden):
                row.stepper.show_value(settings.hidden[index])
        self.unit_rows.setHidden(not settings.hidden)

    def set_theme(self, theme: Theme) -> None:
        """Tint the buttons."""
        self._theme = theme
        for stepper in (self.stepper, *(row.stepper for row in self.units)):
            stepper.set_theme(theme)

    def _add_row(self) -> None:
        row = UnitsRow(len(self.units))
        row.stepper.set_theme(self._theme)
        row.units_requested.connect(self._ask_units)
        self._units_column.addWidget(row)
        self.units.append(row)

    @Slot(int)
    def _ask_layers(self, n_layers: int) -> None:
        """Ask for more layers as wide as the last one, or for fewer."""
        width = self._hidden[-1] if self._hidden else default("hidden")[0]
        more = (width,) * (n_layers - len(self._hidden))
        self.requested.emit("hidden", (self._hidden + more)[:n_layers])

    @Slot(int, int)
    def _ask_units(self, layer: int, units: int) -> None:
        self.requested.emit("hidden", (*self._hidden[:layer], units, *self._hidden[layer + 1 :]))


class NetworkSection(FoldableSection):
    """All settings of the network and the number of parameters they make."""

    def __init__(self) -> None:
        self.layers = LayersRow()
        self.output = ChoiceRow("output_activation")
        super().__init__(
            "Network",
            (self.layers, ActivationRow(), ChoiceRow("init"), NumberRow("init_scale"), SeedRow("seed")),
            (self.output, NumberRow("init_bias"), ChoiceRow("normalization"), CheckRow("skip")),
        )
        self._count = QLabel()
        self._count.setProperty("role", "small")
        self._count.setWordWrap(True)
        self.add(self._count)

    def show_run(self, run: RunInfo) -> None:
        """Show what the settings came to with the present data."""
        n_trained, n_averages = run.spec.n_trained, run.spec.n_parameters - run.spec.n_trained
        averages = f" + {n_averages:,} running averages" if n_averages else ""
        self._count.setText(f"{n_trained:,} parameter{'s' * (n_trained != 1)}{averages}")
        self.output.explain_auto(run.spec.shown_activation)
