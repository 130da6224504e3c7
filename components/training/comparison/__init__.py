"""Layouts compared by training them: what each reaches, what it costs, and what its members do for it."""
