"""What each channel writes, in our words: pure translation, for the doors and for whoever asks a channel."""
