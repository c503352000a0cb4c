"""The real process against the emulator over real sockets, judged by the emulator's journal."""
