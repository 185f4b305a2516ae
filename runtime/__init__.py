"""What the processes share: settings, logging, the Temporal client, crypto."""
