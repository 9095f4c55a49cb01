"""Reads that cross packages: lists, Today, board, cards."""
