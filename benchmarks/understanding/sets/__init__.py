"""Sets that understanding is measured on and that nothing is ever trained on; README.md describes each."""
