#!/bin/sh
# table.sh FOLDER: the results that the fault tests left in FOLDER, as a table: a row for each kind of
# fault, a column for each workflow, the number of cases, and in front of a / how many of them ended
# right when not all did.
set -eu
cat "$1"/* | sort -t "$(printf '\t')" -k 1,1 -k 2,2 | awk -F '\t' '
  { key = $2 SUBSEP $1
    if (!($1 in column)) { column[$1] = ++columns; workflow[columns] = $1 }
    if (!($2 in row)) { row[$2] = ++rows; fault[rows] = $2 }
    cases[key] = $3; right[key] = $4
    of_workflow[$1] += $3; right_of[$1] += $4; of_fault[$2] += $3; right_in[$2] += $4
    total += $3; good += $4 }
  function cell(all, ok) { return all == "" ? "-" : ok == all ? all : ok "/" all }
  END {
    printf "%-42s", "cases"
    for (c = 1; c <= columns; ++c) printf "%6s", "(" c ")"
    printf "%8s\n", "all"
    for (r = 1; r <= rows; ++r) {
      printf "%-42s", fault[r]
      for (c = 1; c <= columns; ++c) {
        key = fault[r] SUBSEP workflow[c]
        printf "%6s", cell(cases[key], right[key])
      }
      printf "%8s\n", cell(of_fault[fault[r]], right_in[fault[r]])
    }
    printf "%-42s", "all"
    for (c = 1; c <= columns; ++c) printf "%6s", cell(of_workflow[workflow[c]], right_of[workflow[c]])
    printf "%8s\n\n", cell(total, good)
    for (c = 1; c <= columns; ++c) printf "(%d) %s\n", c, workflow[c]
    printf "\n%d cases, %d of them ended right\n", total, good
  }'
