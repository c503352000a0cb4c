"""The routes of the API, one file for each thing. `doors` says how a route declares its role."""
