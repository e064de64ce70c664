"""What `reluviz bench` measures: figures as medians of interleaved rounds, peers and limits in the same run."""
