"""One module for each revision of the schema, named by its number."""
