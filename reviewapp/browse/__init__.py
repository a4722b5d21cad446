"""The browse page: look at real and generated images, with what the networks are unsure of."""
