"""Who is affected by a change: the evaluator is asked before and after, for contexts of late."""
