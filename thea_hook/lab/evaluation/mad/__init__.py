"""MAD: six synthetic tasks that tell sequence mixers apart in minutes (Poli et al., arXiv 2403.17844)."""
