"""A run as a program for other libraries."""
