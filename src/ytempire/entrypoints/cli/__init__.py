"""The command line: words in, one use case called, words out. Nothing is decided here."""
