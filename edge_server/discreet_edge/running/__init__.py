"""The app as processes on a socket: connections, workers, signals, logs."""
