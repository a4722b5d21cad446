"""The GAN engine: data, variants, training, uncertainty, feedback; no Qt, no database."""
