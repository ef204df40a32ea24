"""`make verify-aws`: asks AWS what its documentation does not say, with plain boto3."""
