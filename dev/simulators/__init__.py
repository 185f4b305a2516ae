"""The outside world in one process: providers' real wire formats over real HTTP. Never deployed."""
