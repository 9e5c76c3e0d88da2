#!/usr/bin/env bash
# Holds what a test run has spent (scripts/spent.sh) against test/budget.txt: prints both, the dearest first, and fails where
# something takes more than three times its budget and 10 s more than it.
# The seconds are of the processor, not of the clock: a machine that has other work to do makes a test wait, but hardly makes
# it compute more. The factor leaves room for slower machines.
#   scripts/budget.sh SPENT-FILE
set -euo pipefail
cd "$(dirname "$0")/.."

sort -k2,2 -rn "$1" | awk '
  NR == FNR { if ($1 !~ /^#/ && NF == 2) budget[$1] = $2; next }
  FNR == 1 { printf "%9s %9s %9s\n", "CPU s", "budget", "wall s" }
  {
    known = $1 in budget
    printf "%9.1f %9s %9.1f  %s\n", $2, known ? budget[$1] : "none", $3, $1
    cpu += $2
    allowed = known ? budget[$1] : 0
    if ($2 > 3 * allowed && $2 > allowed + 10) bad[$1] = $2
  }
  END {
    printf "%9.1f %9s %9s  in all\n", cpu, "", ""
    for (name in bad) {
      failed = 1
      if (name in budget) printf "%s took %.1f s of CPU, its budget is %s: make it cheaper, or raise test/budget.txt and say why\n", name, bad[name], budget[name]
      else printf "%s took %.1f s of CPU and has no line in test/budget.txt\n", name, bad[name]
    }
    exit failed
  }' test/budget.txt -
