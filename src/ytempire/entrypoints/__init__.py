"""Outside words in, outside words out: the command line, and later the HTTP API and its pages."""
