"""AWS IoT bulk registration, RegisterThing and billing groups, as AWS documents them."""
