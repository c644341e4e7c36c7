#!/bin/bash
# SPDX-License-Identifier: MIT
# Tells Snakemake how a job of Slurm is: running, success or failed. Without it, Snakemake would
# wait for good for a job that Slurm ended.
set -eu

# Of a federation, the name of the cluster follows the number.
job=${1%%;*}
# The controller forgets a job minutes after its end; the accounting, where there is one, does not.
state=$(scontrol --oneliner show job "$job" 2>/dev/null | sed -n 's/.* JobState=\([A-Z_]*\).*/\1/p')
if [[ -z $state ]]; then
  state=$(sacct --jobs="$job" --allocations --noheader --parsable2 --format=State \
    2>/dev/null) || true
fi
case $state in
  COMPLETED) echo success ;;
  BOOT_FAIL | CANCELLED* | DEADLINE | FAILED | NODE_FAIL | OUT_OF_MEMORY | PREEMPTED | TIMEOUT)
    echo failed
    ;;
  # What cannot be told now is asked for again.
  *) echo running ;;
esac
