"""Tests of the measuring itself: a wrong ruler is worse than none."""
