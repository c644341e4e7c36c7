// SPDX-License-Identifier: MIT
#include <libdeflate.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>

#include <modesweep/properties.hpp>
#include <modesweep/report.hpp>

#include "structure/chain_copies.hpp"

namespace modesweep {
namespace {

constexpr std::size_t modes_shown = 3;
constexpr double finest_coordinate = 0.01;  // angstrom
constexpr double finest_b_factor = 0.01;    // angstrom^2
constexpr int mode_steps = 2047;
constexpr int word_limit = 65535;
constexpr int no_number = std::numeric_limits<int>::min();

/// Numbers of two bytes, column after column. Neighbours in a chain have similar values, and their
/// differences have similar high bytes: so they shrink to half.
class Words {
 public:
  explicit Words(std::size_t nodes) : nodes_(nodes) {}

  /// `value(i)` of each node, between -65535 and 65535 at most: what overflows wraps around, and
  /// back in the page.
  template <class Value>
  void add(Value&& value) {
    std::string low, high;
    std::uint16_t before = 0;
    for (std::size_t i = 0; i < nodes_; ++i) {
      const auto word = static_cast<std::uint16_t>(std::lround(static_cast<double>(value(i))));
      const auto difference = static_cast<std::uint16_t>(word - before);
      low += static_cast<char>(difference & 0xff);
      high += static_cast<char>(difference >> 8);
      before = word;
    }
    bytes_ += low + high;
  }

  const std::string& bytes() const { return bytes_; }

 private:
  std::size_t nodes_;
  std::string bytes_;
};

std::string deflated(const std::string& bytes) {
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(9), &libdeflate_free_compressor);
  if (!compressor) throw std::bad_alloc();
  std::string packed(libdeflate_deflate_compress_bound(compressor.get(), bytes.size()), '\0');
  packed.resize(libdeflate_deflate_compress(compressor.get(), bytes.data(), bytes.size(),
                                            packed.data(), packed.size()));
  return packed;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < left ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      text += k <= left ? digits[group >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

/// The distinct names of residues, and which of them each node has.
struct ResidueNames {
  explicit ResidueNames(std::span<const Node> nodes) {
    std::map<std::string, std::size_t> known;
    for (const Node& node : nodes) {
      const auto [name, fresh] = known.emplace(node.residue, known.size());
      if (fresh) distinct.push_back(name->first);
      index.push_back(name->second);
    }
  }
  std::vector<std::string> distinct;
  std::vector<std::size_t> index;
};

double largest(std::span<const double> values) {
  double most = 0;
  for (const double value : values) most = std::max(most, std::abs(value));
  return most;
}

}  // namespace

// The page's `unpack` reads the same columns in the same order.
std::string pack_shape(std::span<const Node> nodes, const Modes& modes, const Core& core) {
  assert(!nodes.empty() && !modes.eigenvalues.empty());
  const std::size_t size = modes.eigenvectors.size() / modes.eigenvalues.size();
  const std::size_t axes = size / nodes.size();
  Words words(nodes.size());
  nlohmann::json shape;
  shape["nodes"] = nodes.size();
  shape["axes"] = axes;

  Vec3 centre{};
  for (const Node& node : nodes)
    for (std::size_t k = 0; k < 3; ++k)
      centre[k] += node.position[k] / static_cast<double>(nodes.size());
  double reach = 0;
  for (const Node& node : nodes)
    for (std::size_t k = 0; k < 3; ++k)
      reach = std::max(reach, std::abs(node.position[k] - centre[k]));
  constexpr int half = word_limit / 2;
  const double step = std::max(finest_coordinate, reach / half);
  shape["coordinate_step"] = step;
  for (std::size_t k = 0; k < 3; ++k)
    words.add([&](std::size_t i) { return (nodes[i].position[k] - centre[k]) / step; });

  shape["degenerate"] = to_string(degenerate_modes(modes.eigenvalues));
  const std::size_t shown = std::min(modes_shown, modes.eigenvalues.size());
  for (std::size_t m = 0; m < shown; ++m) {
    const auto first = modes.eigenvectors.begin() + static_cast<std::ptrdiff_t>(m * size);
    std::vector<double> mode(first, first + static_cast<std::ptrdiff_t>(size));
    orient_mode(mode);
    const double mode_step = largest(mode) / mode_steps;
    shape["mode_steps"].push_back(mode_step);
    for (std::size_t k = 0; k < axes; ++k)
      words.add([&](std::size_t i) { return mode[axes * i + k] / mode_step; });
  }

  // By their square roots: a loose end moves thousands of times as much as the rest.
  const std::vector<double> fluctuations =
      square_fluctuations(modes.eigenvalues, modes.eigenvectors, static_cast<std::int64_t>(axes));
  const double root_step = std::sqrt(largest(fluctuations)) / word_limit;
  shape["fluctuation_root_step"] = root_step;
  words.add([&](std::size_t i) { return std::sqrt(fluctuations[i]) / root_step; });

  // The word 0 is of what the file does not state.
  double least = std::numeric_limits<double>::infinity(), most = -least;
  for (const Node& node : nodes)
    if (node.b_factor) {
      least = std::min(least, *node.b_factor);
      most = std::max(most, *node.b_factor);
    }
  if (least > most) least = most = 0;
  const double b_step = std::max(finest_b_factor, (most - least) / (word_limit - 1));
  shape["b_factor_least"] = least;
  shape["b_factor_step"] = b_step;
  words.add([&](std::size_t i) {
    return nodes[i].b_factor ? 1 + (*nodes[i].b_factor - least) / b_step : 0;
  });

  const std::vector<ChainCopy> chains = chain_copies(nodes);
  const std::vector<std::size_t> chain_of = copy_of_each_node(chains, nodes.size());
  const ResidueNames residues(nodes);
  for (const ChainCopy& chain : chains) shape["chains"].push_back(chain.name);
  shape["residues"] = residues.distinct;
  words.add([&](std::size_t i) { return chain_of[i]; });
  words.add([&](std::size_t i) { return residues.index[i]; });
  const auto number = [&](std::size_t i) { return nodes[i].number.value_or(no_number); };
  words.add([&](std::size_t i) { return number(i) & 0xffff; });
  words.add([&](std::size_t i) { return number(i) >> 16; });
  words.add([&](std::size_t i) { return nodes[i].insertion; });
  const bool has_core = core.whole == std::ssize(nodes) && !core.coreless;
  shape["has_core"] = has_core;
  if (has_core) {
    std::vector<bool> is_outside(nodes.size(), true);
    for (const std::int32_t node : core.nodes) is_outside[static_cast<std::size_t>(node)] = false;
    words.add([&](std::size_t i) { return is_outside[i] ? 1 : 0; });
  }
  shape["words"] = base64(deflated(words.bytes()));
  return shape.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace modesweep
