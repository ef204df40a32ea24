"""`python -m thing_registration` is the command `thing-registration`."""

from thing_registration.cli import main

main()
