"""The HTTP face: outside words in, outside words out. `app.build` makes it, `doors` says who may do what."""
