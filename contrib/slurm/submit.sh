#!/bin/bash
# SPDX-License-Identifier: MIT
# Submits array.sbatch and, for when all its tasks have ended well, merge.sbatch.
#
#   submit.sh LIST OUT N [OPTION...]
#
#   LIST    file with what to rank, a line each
#   OUT     folder for the runs, the logs and the table; all nodes see it
#   N       shards; `modesweep plan` proposes a number
#   OPTION  for sbatch, of the array, such as --gres=gpu:1 or --time=12:00:00
#
# KIND and OPTIONS in the environment are those of array.sbatch; SBATCH_PARTITION, SBATCH_ACCOUNT
# and the like are sbatch's own. The same line again goes on with what failed or was cancelled.
# Prints the numbers of both jobs.
set -eu

if [[ $# -lt 3 || ! -r $1 || ! $3 =~ ^[1-9][0-9]*$ ]]; then
  echo "usage: submit.sh LIST OUT N [OPTION of sbatch...], where LIST is a file" >&2
  exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export LIST=$1 OUT=$2 N=$3
shift 3
mkdir -p "$OUT/log"

array=$(sbatch --parsable --array="0-$((N - 1))" --output="$OUT/log/%A_%a.log" "$@" \
  "$here/array.sbatch")
# Of a federation, the name of the cluster follows the number.
array=${array%%;*}
# Where a task failed for good, the merge is taken out of the queue.
merge=$(sbatch --parsable --dependency="afterok:$array" --kill-on-invalid-dep=yes \
  --output="$OUT/log/%j-merge.log" "$here/merge.sbatch")
echo "array $array, merge ${merge%%;*}"
