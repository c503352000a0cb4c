"""The command line tried as a person tries it: a process, its two streams and its exit code."""
