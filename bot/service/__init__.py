"""The parts of a running bot: receiving, sending, planning; side by side in real time, or one after the other."""
