"""What the rules of output space reach without training: all of them judged on one pass of the members."""
