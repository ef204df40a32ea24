"""The Lambda asset: `on_event` starts one workflow execution a request; `worker` does its steps."""
