"""Differences between ministack and AWS, one module each, and what mends them.

`lambda_faults` and `call_faults` mend nothing: they are the seams through which faults strike.
"""
