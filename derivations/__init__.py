"""Exact mathematics in SymPy, step by step; imports nothing of the project."""
