"""Desired, Live and State become a Plan. Pure."""
