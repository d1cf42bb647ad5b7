"""Copied and reworded posts: the forms that are compared, their candidates, their clusters."""
