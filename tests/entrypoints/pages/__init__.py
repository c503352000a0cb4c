"""The dashboard: every page by HTTP, and in a browser."""
