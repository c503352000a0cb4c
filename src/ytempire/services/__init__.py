"""Use cases, one per file: they await ports, ask the domain, and write the answer down. They decide nothing."""
