"""The version of the program; everything else that shows or needs it reads it here."""

__version__ = "0.1.0"
