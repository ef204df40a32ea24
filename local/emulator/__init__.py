"""The seam to ministack: every use of what is inside it stands in this package or in `mends`."""
