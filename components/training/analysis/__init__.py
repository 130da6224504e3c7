"""What a person learns after training, from predictions on the test split: one module for each analysis."""
