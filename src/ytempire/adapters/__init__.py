"""One folder or file for each thing outside the product. None knows another; none knows a service."""
