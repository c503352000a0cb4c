"""The store on SQLite and PostgreSQL: programs of plain portable SQL, and the drivers that run them."""
