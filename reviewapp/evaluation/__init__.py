"""The Evaluate page: automatic metrics beside the specialists' judgement."""
