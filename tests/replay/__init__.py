"""Golden histories: what orders have lived through must replay through every later version of the code."""
