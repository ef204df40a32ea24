"""One patch of ministack per module: how it differs from AWS, and what AWS does instead.

`all_patches` is the list of them. `call_faults` and `lambda_faults` correct nothing: through them
the faults that a test asks for strike.
"""
