"""The HTTP face: who may come in, what is turned away, what is answered."""
