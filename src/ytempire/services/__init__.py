"""One use case per file: each awaits ports, asks the domain, and writes the answer down. None decides."""
