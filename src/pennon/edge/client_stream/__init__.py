"""The client stream: what flags serve one context, and whatever changes of that."""
