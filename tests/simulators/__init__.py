"""The simulated outside world, and the robot."""
