"""Small programs in the traced language, by topic. `tests/test_language.py` runs each of them in every way there is."""
