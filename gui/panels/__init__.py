"""Controls and dialogs: they emit intentions and own no training state."""
