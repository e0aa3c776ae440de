"""One thread, as the reference has; set before numpy is imported, and small fits are quicker so."""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
