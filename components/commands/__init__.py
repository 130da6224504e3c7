"""What the command line does: each command takes the parsed arguments, prints, and raises Refusal."""
