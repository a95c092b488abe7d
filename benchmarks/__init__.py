"""Speed, measured side by side: each figure stands beside that of the plain way, taken in the same run."""
