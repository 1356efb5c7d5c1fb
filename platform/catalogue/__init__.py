"""The catalogue: what there is to run on."""
