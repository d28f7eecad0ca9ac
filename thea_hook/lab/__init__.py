"""The laboratory: everything that builds, trains and measures the models, and that the hook never imports."""
