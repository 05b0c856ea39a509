"""What stands between the window and the engine: threads, messages, and the one state of the program. Qt Core only."""
