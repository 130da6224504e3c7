"""Settings, the training run and its evaluation."""
