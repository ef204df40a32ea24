"""The fleet that a file declares, against what AWS has accepted of it; no call to AWS."""
