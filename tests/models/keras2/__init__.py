"""Small models of Keras 2, by theme: what files hold. Each module has a table of names and functions that build one."""
