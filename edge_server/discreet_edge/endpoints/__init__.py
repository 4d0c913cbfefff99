"""One module for each thing that the server answers: handlers, which translate and decide nothing."""
