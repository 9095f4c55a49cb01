"""Figures with their numerators and denominators; read-only."""
