"""Studies without Qt: model, store, protocol, blinding, trials, export, statistics."""
