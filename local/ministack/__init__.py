"""How ministack is called: every use of its insides is in this package or in `patches`."""
