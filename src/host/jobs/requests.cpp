// SPDX-License-Identifier: MIT
#include <modesweep/requests.hpp>

#include <array>
#include <charconv>

#include <modesweep/machine.hpp>

namespace modesweep {
namespace {

using namespace std::string_view_literals;

// In the order of the enumerations.
constexpr std::array backend_names = {"auto"sv, "cpu"sv, "cuda"sv};
constexpr std::array source_names = {"ncbi"sv, "rcsb"sv, "archive"sv, "files"sv, "ids"sv};

std::optional<std::int64_t> whole_number(std::string_view digits) {
  std::int64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc() || stop != end || number < 0) return std::nullopt;
  return number;
}

}  // namespace

std::string to_string(const Shard& shard) {
  return std::to_string(shard.number) + '/' + std::to_string(shard.count);
}

std::optional<Shard> shard_named(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::optional<std::int64_t> number = whole_number(text.substr(0, slash));
  const std::optional<std::int64_t> count = whole_number(text.substr(slash + 1));
  if (!number || !count || *number >= *count || *count > most_shards) return std::nullopt;
  return Shard{*number, *count};
}

std::string_view to_string(Backend backend) {
  return backend_names.at(static_cast<std::size_t>(backend));
}

std::string_view to_string(Source source) {
  return source_names.at(static_cast<std::size_t>(source));
}

Machine with_defaults(Machine machine) {
  if (!machine.isa) machine.isa = best_isa();
  if (machine.threads == 0) machine.threads = allowed_cpus().amount;
  if (machine.max_memory == 0) machine.max_memory = allowed_memory().amount / 10 * 8;
  return machine;
}

}  // namespace modesweep
