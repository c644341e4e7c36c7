// SPDX-License-Identifier: MIT
// Instruction sets and which of them this machine runs.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <string_view>

#include <modesweep/isa.hpp>
#include <modesweep/outcome.hpp>

namespace modesweep {
namespace {

using namespace std::string_view_literals;

// In the order of the enumeration.
constexpr std::array names = {"portable"sv, "avx2"sv, "avx512"sv};

}  // namespace

std::string_view to_string(Isa isa) { return names.at(static_cast<std::size_t>(isa)); }

Isa isa_named(std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<Isa>(i);
  throw RunError(Cause::request, fmt::format("there is no instruction set \"{}\"; there are {}",
                                             name, fmt::join(names, ", ")));
}

bool is_supported(Isa isa) {
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  switch (isa) {
    case Isa::portable: return true;
    case Isa::avx2: return avx2;
    case Isa::avx512:
      return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
  }
  return false;
}

Isa best_isa() {
  for (const Isa isa : {Isa::avx512, Isa::avx2})
    if (is_supported(isa)) return isa;
  return Isa::portable;
}

}  // namespace modesweep
