"""Outside words in, outside words out: command line, HTTP. Parse, call one service, render."""
