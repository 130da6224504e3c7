"""What lasts: members, datasets, drafts, runs and their curves."""

from components.store.home import home_folder, store_url
from components.store.store import Store, open_store
from components.store.values import ENDED, Run, State, Upload

__all__ = ["ENDED", "Run", "State", "Store", "Upload", "home_folder", "open_store", "store_url"]
