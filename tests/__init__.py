"""All tests, and the fixtures they share. One folder per tier; CONTRIBUTING.md says what each is for."""
