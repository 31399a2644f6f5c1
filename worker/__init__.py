"""Machine work: runs, and what they do with SAM 2, the decoder and the object store."""

import os

# OpenMP's threads burn the processor while they wait for each other unless told so before torch is loaded. On
# two busy cores that made propagation twenty times slower; on idle ones it makes no difference.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
