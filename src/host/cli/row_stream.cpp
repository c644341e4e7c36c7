// SPDX-License-Identifier: MIT
#include "cli/row_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <sstream>

#include <modesweep/writers.hpp>

namespace modesweep::cli {

RowStream::RowStream(std::vector<Column> columns, std::optional<Condition> where, void (*stop)())
    : columns_(std::move(columns)), where_(std::move(where)), stop_(stop) {
  if (columns_.empty()) columns_ = known_columns();
  std::erase_if(columns_, [](const Column& column) { return column.name == "rank"; });
}

void RowStream::solved(std::int64_t, const Row& row) {
  if (where_ && !where_->is_met_by(row)) return;
  std::ostringstream out;
  write_jsonl(out, {&row, 1}, columns_);
  const std::string line = out.str();
  const std::lock_guard lock(mutex_);
  if (error_ != 0) return;
  if (std::fwrite(line.data(), 1, line.size(), stdout) == line.size() && std::fflush(stdout) == 0)
    return;
  error_ = errno;
  stop_();
}

bool RowStream::is_closed() const {
  const std::lock_guard lock(mutex_);
  return error_ == EPIPE;
}

void RowStream::check() const {
  const std::lock_guard lock(mutex_);
  if (error_ != 0 && error_ != EPIPE)
    throw RunError(Cause::output,
                   fmt::format("standard output could not be written: {}", std::strerror(error_)));
}

}  // namespace modesweep::cli
