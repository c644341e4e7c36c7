// SPDX-License-Identifier: MIT
#include <modesweep/modes_job.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <utility>

#include <modesweep/properties.hpp>

#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

using test_support::helix;

class ModesJobTest : public testing::Test {
 protected:
  StructureInput file(const std::string& name, int residues) {
    return {{}, folder_.write(name, test_support::pdb_text(helix(residues))), {}};
  }
  ModesRequest request(std::vector<StructureInput> inputs) const {
    ModesRequest request;
    request.inputs = std::move(inputs);
    request.machine = {.backend = Backend::cpu, .threads = 4};
    return request;
  }

  test_support::TempDir folder_;
  SilentReporter reporter_;
};

TEST_F(ModesJobTest, ResultsComeInTheOrderAskedFor) {
  std::vector<StructureInput> inputs;
  // The largest first, so that later ones are done before it.
  for (int i = 0; i < 60; ++i)
    inputs.push_back(file("h" + std::to_string(i) + ".pdb", i % 20 == 0 ? 300 : 20 + i));
  inputs.insert(inputs.begin() + 7, {{}, folder_.write("bad.pdb", "<html>"), {}});
  std::size_t next = 0;
  ModesJob job(request(inputs), reporter_);
  const std::size_t through = job.run([&](std::size_t input, Outcome<EntryModes> modes) {
    EXPECT_EQ(input, next++);
    ASSERT_EQ(modes.has_value(), input != 7);
    if (!modes) return;
    EXPECT_EQ(modes->structure.header.id, inputs[input].name());
    EXPECT_EQ(modes->modes.eigenvalues.size(), 20u);
    EXPECT_EQ(modes->file_sha256, *file_sha256(inputs[input].file));
    // Signs are fixed.
    std::vector<double> first(modes->mode(0).begin(), modes->mode(0).end());
    orient_mode(first);
    EXPECT_TRUE(std::equal(first.begin(), first.end(), modes->mode(0).begin()));
  });
  EXPECT_EQ(through, inputs.size());
  EXPECT_EQ(next, inputs.size());
}

TEST_F(ModesJobTest, EachInputHasItsOwnChains) {
  std::vector<test_support::Atom> atoms = helix(30, "A");
  for (const test_support::Atom& atom : helix(40, "B", 9)) atoms.push_back(atom);
  const auto path = folder_.write("two.pdb", test_support::pdb_text(atoms));
  std::vector<std::string> names;
  std::vector<std::size_t> sizes;
  ModesJob job(request({{{}, path, {}}, {{}, path, {"A"}}, {{}, path, {"B"}}}), reporter_);
  job.run([&](std::size_t, Outcome<EntryModes> modes) {
    names.push_back(modes.value().structure.header.id);
    sizes.push_back(modes->structure.nodes.size());
  });
  EXPECT_EQ(names, (std::vector<std::string>{"two", "two_A", "two_B"}));
  EXPECT_EQ(sizes, (std::vector<std::size_t>{70, 30, 40}));
}

TEST_F(ModesJobTest, HingesAreThoseOfAGnmAndNoParameter) {
  const auto first = [&](const ModesRequest& asked) {
    std::optional<EntryModes> result;
    ModesJob(asked, reporter_).run([&](std::size_t, Outcome<EntryModes> modes) {
      result = std::move(modes.value());
    });
    return result.value();
  };
  ModesRequest asked = request({file("h.pdb", 60)});
  const EntryModes plain = first(asked);
  EXPECT_FALSE(plain.hinges);
  asked.model.hinges = true;
  const EntryModes with_hinges = first(asked);
  asked.model.hinges = false;
  asked.model.network.model = ElasticModel::gnm;
  asked.model.network.cutoff = 10;
  EXPECT_EQ(with_hinges.hinges.value(), hinge_nodes(first(asked).mode(0)));
  EXPECT_FALSE(with_hinges.hinges->empty());
  EXPECT_EQ(with_hinges.parameters, plain.parameters);
  EXPECT_EQ(with_hinges.modes.eigenvectors, plain.modes.eigenvectors);
}

TEST_F(ModesJobTest, AnEntryOfFewModesIsLetIn) {
  ModesJob job(request({file("five.pdb", 5)}), reporter_);
  job.run([&](std::size_t, Outcome<EntryModes> modes) {
    EXPECT_EQ(modes.value().modes.eigenvalues.size(), 9u);
  });
}

TEST_F(ModesJobTest, WhatTheCallbackThrowsEndsTheJob) {
  std::vector<StructureInput> inputs;
  for (int i = 0; i < 40; ++i) inputs.push_back(file("h" + std::to_string(i) + ".pdb", 20));
  ModesJob job(request(inputs), reporter_);
  std::size_t calls = 0;
  EXPECT_THROW(job.run([&](std::size_t input, const Outcome<EntryModes>&) {
    ++calls;
    if (input == 3) throw std::runtime_error("the disk is full");
  }),
               std::runtime_error);
  EXPECT_EQ(calls, 4u);
}

TEST_F(ModesJobTest, CancelledAtOnceNothingIsDone) {
  const CancelSource source;
  source.cancel();
  ModesJob job(request({file("a.pdb", 20), file("b.pdb", 20)}), reporter_, source.token());
  EXPECT_EQ(job.run([](std::size_t, const Outcome<EntryModes>&) { FAIL(); }), 0u);
}

TEST_F(ModesJobTest, AFolderIsItsFilesEachOnce) {
  file("sub/a.pdb", 20);
  file("sub/b.pdb", 20);
  const auto folder = folder_.path() / "sub";
  const std::vector<StructureInput> inputs =
      list_structures({{{}, folder, {}}, {{}, folder / "a.pdb", {}}, {"1ABC", {}, {}}}, reporter_);
  ASSERT_EQ(inputs.size(), 3u);
  EXPECT_EQ(inputs[0].name(), "a");
  EXPECT_EQ(inputs[1].name(), "b");
  EXPECT_EQ(inputs[2].name(), "1ABC");
}

}  // namespace
}  // namespace modesweep
