"""The GAN engine: data, variants, training, uncertainty, feedback and evaluation; no Qt, no database."""
