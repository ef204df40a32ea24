"""Devices that leave the fleet: how they are retired, brought back, moved or deleted."""
