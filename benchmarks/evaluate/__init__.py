"""What one evaluation costs, beside other SDKs on equivalent flags in the same run."""
