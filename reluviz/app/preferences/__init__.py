"""What a person likes: kept from one day to the next."""
