"""GAN variants: one file each; `registry` finds them."""
