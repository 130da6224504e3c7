"""What lasts: members, datasets, drafts, runs and their curves."""
