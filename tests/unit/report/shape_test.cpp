// SPDX-License-Identifier: MIT
// What is packed comes out again as the page takes it apart, within its steps.
#include <gtest/gtest.h>
#include <libdeflate.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include <modesweep/properties.hpp>
#include <modesweep/report.hpp>

namespace {

using modesweep::Modes;
using modesweep::Node;

std::string from_base64(const std::string& text) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<std::uint32_t>(digits.find(c));
    if ((held += 6) < 8) continue;
    bytes += static_cast<char>(bits >> (held -= 8) & 0xff);
  }
  return bytes;
}

/// The columns one after another, as page.js reads them.
class Unpacked {
 public:
  explicit Unpacked(const nlohmann::json& shape)
      : nodes_(shape["nodes"].get<std::size_t>()), bytes_(64 * nodes_ + 64, '\0') {
    const std::string packed = from_base64(shape["words"]);
    libdeflate_decompressor* const inflate = libdeflate_alloc_decompressor();
    std::size_t size = 0;
    EXPECT_EQ(libdeflate_deflate_decompress(inflate, packed.data(), packed.size(), bytes_.data(),
                                            bytes_.size(), &size),
              LIBDEFLATE_SUCCESS);
    libdeflate_free_decompressor(inflate);
    bytes_.resize(size);
  }
  template <class Word>
  std::vector<double> column() {
    std::vector<double> values;
    std::uint16_t word = 0;
    for (std::size_t i = 0; i < nodes_; ++i) {
      word = static_cast<std::uint16_t>(word + byte(at_ + i) + 256 * byte(at_ + nodes_ + i));
      values.push_back(static_cast<Word>(word));
    }
    at_ += 2 * nodes_;
    return values;
  }
  bool is_at_end() const { return at_ == bytes_.size(); }

 private:
  int byte(std::size_t i) const { return static_cast<unsigned char>(bytes_.at(i)); }
  std::size_t nodes_;
  std::string bytes_;
  std::size_t at_ = 0;
};

struct Example {
  std::vector<Node> nodes;
  Modes modes;
};

/// Nodes as unlike each other as files have them; `size` is the box they lie in.
Example example(std::size_t count, std::size_t axes, double size) {
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  Example made;
  for (std::size_t i = 0; i < count; ++i) {
    Node node;
    for (double& x : node.position) x = 1000 + size * normal(random);
    node.b_factor = 30 + 10 * normal(random);
    node.chain = i < count / 2 ? "A" : "Long<chain>";
    node.residue = i % 3 == 0 ? "ALA" : "GLY";
    node.number = static_cast<int>(i) * 977 - 40000;
    node.insertion = i % 5 == 0 ? 'B' : ' ';
    made.nodes.push_back(node);
  }
  made.nodes[1].b_factor.reset();
  made.nodes[0].number.reset();
  made.modes.eigenvalues = {1e-6, 1e-6, 0.5, 20};
  for (std::size_t i = 0; i < 4 * axes * count; ++i)
    made.modes.eigenvectors.push_back(normal(random) / std::sqrt(static_cast<double>(count)));
  return made;
}

/// The last column, where there is a core.
void check_core(const Example& made) {
  modesweep::Core core;
  core.whole = static_cast<std::int64_t>(made.nodes.size());
  core.nodes = {0, 2, 3};
  const std::string packed = modesweep::pack_shape(made.nodes, made.modes, core);
  const auto shape = nlohmann::json::parse(packed);
  EXPECT_EQ(shape["has_core"], true);
  Unpacked words(shape);
  std::vector<double> outside;
  while (!words.is_at_end()) outside = words.column<std::uint16_t>();
  std::vector<double> wanted(made.nodes.size(), 1);
  for (const std::int32_t inside : core.nodes) wanted[static_cast<std::size_t>(inside)] = 0;
  EXPECT_EQ(outside, wanted);
  core.coreless = true;
  EXPECT_EQ(nlohmann::json::parse(modesweep::pack_shape(made.nodes, made.modes, core))["has_core"],
            false);
}

void check(const Example& made, std::size_t axes) {
  const std::size_t n = made.nodes.size();
  const auto shape = nlohmann::json::parse(modesweep::pack_shape(made.nodes, made.modes));
  EXPECT_EQ(shape["axes"], axes);
  EXPECT_EQ(shape["degenerate"], "1-2");
  Unpacked words(shape);
  const double step = shape["coordinate_step"];
  for (std::size_t k = 0; k < 3; ++k) {
    const std::vector<double> x = words.column<std::int16_t>();
    for (std::size_t i = 1; i < n; ++i)
      ASSERT_NEAR((x[i] - x[0]) * step, made.nodes[i].position[k] - made.nodes[0].position[k],
                  step * 1.001);
  }
  ASSERT_EQ(shape["mode_steps"].size(), 3u);
  for (std::size_t m = 0; m < 3; ++m) {
    const auto first = made.modes.eigenvectors.begin() + static_cast<std::ptrdiff_t>(m * axes * n);
    std::vector<double> mode(first, first + static_cast<std::ptrdiff_t>(axes * n));
    modesweep::orient_mode(mode);
    const double mode_step = shape["mode_steps"][m];
    for (std::size_t k = 0; k < axes; ++k) {
      const std::vector<double> v = words.column<std::int16_t>();
      for (std::size_t i = 0; i < n; ++i)
        ASSERT_NEAR(v[i] * mode_step, mode[axes * i + k], mode_step * 0.501);
    }
  }
  const std::vector<double> fluctuations = modesweep::square_fluctuations(
      made.modes.eigenvalues, made.modes.eigenvectors, static_cast<std::int64_t>(axes));
  const std::vector<double> roots = words.column<std::uint16_t>();
  const double root_step = shape["fluctuation_root_step"];
  for (std::size_t i = 0; i < n; ++i)
    ASSERT_NEAR(roots[i] * root_step, std::sqrt(fluctuations[i]), root_step * 0.501);
  const std::vector<double> b = words.column<std::uint16_t>();
  for (std::size_t i = 0; i < n; ++i) {
    ASSERT_EQ(b[i] == 0, !made.nodes[i].b_factor);
    if (made.nodes[i].b_factor) {
      ASSERT_NEAR(
          shape["b_factor_least"].get<double>() + (b[i] - 1) * shape["b_factor_step"].get<double>(),
          *made.nodes[i].b_factor, 0.00501);
    }
  }
  const std::vector<double> chains = words.column<std::uint16_t>(),
                            residues = words.column<std::uint16_t>(),
                            low = words.column<std::uint16_t>(),
                            high = words.column<std::int16_t>(),
                            insertions = words.column<std::uint16_t>();
  for (std::size_t i = 0; i < n; ++i) {
    ASSERT_EQ(shape["chains"][static_cast<std::size_t>(chains[i])], made.nodes[i].chain);
    ASSERT_EQ(shape["residues"][static_cast<std::size_t>(residues[i])], made.nodes[i].residue);
    ASSERT_EQ(high[i] * 65536 + low[i],
              made.nodes[i].number.value_or(std::numeric_limits<int>::min()));
    ASSERT_EQ(insertions[i], made.nodes[i].insertion);
  }
  EXPECT_TRUE(words.is_at_end());
}

TEST(Shape, ComesOutAsItWentIn) { check(example(300, 3, 40), 3); }

TEST(Shape, TellsWhoIsOutsideOfTheCore) { check_core(example(30, 3, 40)); }

TEST(Shape, WithoutAnyBFactor) {
  Example made = example(30, 3, 40);
  for (Node& node : made.nodes) node.b_factor.reset();
  check(made, 3);
}

TEST(Shape, TellsChainsOfOneNameApart) {
  Example made = example(30, 3, 40);
  for (std::size_t i = 0; i < 30; ++i) {
    made.nodes[i].chain = "";
    made.nodes[i].number = static_cast<int>(i % 10);
  }
  EXPECT_EQ(nlohmann::json::parse(modesweep::pack_shape(made.nodes, made.modes))["chains"],
            (std::vector<std::string>{"", "", ""}));
  check(made, 3);
}

TEST(Shape, OfAGnmHasOneValueANode) { check(example(100, 1, 40), 1); }

TEST(Shape, LargerThanItsFinestStepReachesIsCoarser) {
  const Example made = example(200, 3, 2000);
  EXPECT_GT(nlohmann::json::parse(modesweep::pack_shape(made.nodes, made.modes))["coordinate_step"],
            0.01);
  check(made, 3);
}

TEST(Shape, EveryLengthHasItsBase64) {
  for (std::size_t count = 2; count < 12; ++count) check(example(count, 3, 10), 3);
}

}  // namespace
