"""Whose a fleet's state is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Owner:
    """The resource that a state belongs to.

    The stack's name and not its id: that changes when the stack is destroyed and deployed again.
    """

    account: str
    region: str
    stack: str
    logical_id: str

    @classmethod
    def of(cls, stack_id: str, logical_id: str) -> "Owner":
        """Return the owner that a resource of a stack is.

        Args:
            stack_id: the stack's ARN.
            logical_id: of the resource.
        """
        _, _, _, region, account, resource = stack_id.split(":", 5)
        return cls(account, region, resource.split("/")[1], logical_id)

    @property
    def path(self) -> str:
        """What `take_over` says to name it."""
        return f"{self.stack}/{self.logical_id}"

    def __str__(self) -> str:
        """Return its whole name."""
        return f"{self.path} ({self.account}, {self.region})"
