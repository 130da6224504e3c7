"""How strongly the gradient reaches each layer, and what that means."""
