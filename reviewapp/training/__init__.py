"""The Train page: runs, their curves and samples, and the queue that trains them."""
