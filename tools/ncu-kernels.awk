# SPDX-License-Identifier: MIT
# The kernels of `ncu --csv --page raw`, a line each: kernel, grid, microseconds, throughput of the
# multiprocessors, of memory and of shared memory in percent of the peak, warps in percent of the most.
#
#   awk -f ncu-kernels.awk FILE
#
# Exit code 1 where FILE has none.

# Fields of a line in which every field is quoted and none holds a quote.
function split_line(line, fields) {
  sub(/^"/, "", line)
  sub(/"\r?$/, "", line)
  return split(line, fields, "\",\"")
}

# A number without the commas between its thousands, times `factor`.
function value(name, factor,    text) {
  if (!(name in at)) return "-"
  text = fields[at[name]]
  gsub(/,/, "", text)
  return text ~ /^[0-9.]+$/ ? sprintf("%.1f", text * factor) : "-"
}

BEGIN {
  time = "gpu__time_duration.sum"
  to_us["ns"] = to_us["nsecond"] = 1e-3
  to_us["us"] = to_us["usecond"] = 1
  to_us["ms"] = to_us["msecond"] = 1e3
  layout = "%-24s %16s %9s %6s %8s %8s %11s\n"
}

/^"ID",/ {
  n = split_line($0, names)
  split("", at)
  for (i = 1; i <= n; ++i) at[names[i]] = i
  units_follow = 1
  next
}

/^"/ && units_follow {
  split_line($0, units)
  units_follow = 0
  next
}

/^"[0-9]+",/ && (time in at) {
  split_line($0, fields)
  kernel = fields[at["Kernel Name"]]
  # "void <unnamed>::gram<40>(Subspaces, ...)": the name alone.
  sub(/\(.*$/, "", kernel)
  sub(/^.*::/, "", kernel)
  if (kernels++ == 0)
    printf layout, "kernel", "grid", "us", "SM %", "memory %", "shared %", "occupancy %"
  printf layout, kernel, fields[at["Grid Size"]], value(time, to_us[units[at[time]]]), \
         value("sm__throughput.avg.pct_of_peak_sustained_elapsed", 1), \
         value("gpu__compute_memory_throughput.avg.pct_of_peak_sustained_elapsed", 1), \
         value("l1tex__data_pipe_lsu_wavefronts.avg.pct_of_peak_sustained_elapsed", 1), \
         value("sm__warps_active.avg.pct_of_peak_sustained_active", 1)
}

END { exit kernels == 0 }
