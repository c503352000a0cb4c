"""A faithful local Google over real sockets. It knows nothing of the product, nor the product of it."""
