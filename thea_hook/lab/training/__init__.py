"""Training of the models that the hook ships."""
