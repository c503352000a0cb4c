"""What the SQL store does beyond the behaviour suite: files, schema, drivers, many processes."""
