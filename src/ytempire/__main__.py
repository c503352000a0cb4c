"""`python -m ytempire` is the program `ytempire`."""

from ytempire.entrypoints.cli.app import main

main()
