// SPDX-License-Identifier: MIT
#include "devices/placement.hpp"

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

Network of_contacts(std::size_t contacts) {
  Network network;
  network.neighbours.resize(contacts);
  return network;
}

Calibration calibration(CostModel cpu, CostModel device, CostModel read) {
  Calibration all;
  all.measured = true;
  all.date = "2026-11-22T20:00:00Z";
  all.cpu = "a CPU";
  all.device = "a device";
  all.read = std::move(read);
  all.solvers["shift-invert"] = std::move(cpu);
  all.solvers["chebyshev"] = std::move(device);
  return all;
}

TEST(CostModel, IsAPowerLawBetweenSamplesAndBeyondThem) {
  const CostModel model{{{100, 1}, {1000, 10}, {10000, 1000}}};
  EXPECT_DOUBLE_EQ(model.seconds(100), 1);
  EXPECT_NEAR(model.seconds(300), 3, 1e-12);
  EXPECT_NEAR(model.seconds(1000), 10, 1e-12);
  EXPECT_NEAR(model.seconds(2000), 40, 1e-12);
  EXPECT_NEAR(model.seconds(100000), 1e5, 1e-7);
  EXPECT_DOUBLE_EQ(model.seconds(1), 1);  // a structure has a fixed part
  EXPECT_DOUBLE_EQ((CostModel{{{100, 2}}}.seconds(50)), 1);
}

TEST(CalibrationFile, ComesBackAsItWasSaved) {
  const test_support::TempDir folder;
  const auto file = calibration_file(folder.path() / "not" / "there");
  const Calibration saved =
      calibration({{{100, 0.1}, {1000, 1. / 3}}}, {{{100, 0.01}, {1000, 0.07}}}, {{{100, 1e-3}}});
  save_calibration(saved, file);
  const auto loaded = load_calibration(file);
  ASSERT_TRUE(loaded) << loaded.error();
  EXPECT_TRUE(loaded->measured);
  EXPECT_EQ(loaded->date, saved.date);
  EXPECT_EQ(loaded->cpu, saved.cpu);
  EXPECT_EQ(loaded->device, saved.device);
  ASSERT_EQ(loaded->solvers.size(), 2u);
  EXPECT_EQ(loaded->solvers.at("shift-invert").samples.at(1).seconds, 1. / 3);
  EXPECT_EQ(loaded->solvers.at("chebyshev").samples.at(1).contacts, 1000);
  EXPECT_EQ(loaded->read.samples.at(0).seconds, 1e-3);
}

TEST(CalibrationFile, SaysWhyItCannotBeUsed) {
  const test_support::TempDir folder;
  const auto error_of = [&](const char* text) {
    const auto loaded = load_calibration(folder.write("calibration.json", text));
    return loaded ? "none" : loaded.error();
  };
  EXPECT_NE(load_calibration(folder.path() / "none.json").error().find("cannot be read"),
            std::string::npos);
  EXPECT_NE(error_of("{").find("is damaged"), std::string::npos);
  EXPECT_NE(error_of(R"({"format": 99})").find("another version"), std::string::npos);
  const auto with = [](const std::string& samples) {
    return R"({"format": 1, "date": "", "cpu": "", "device": "", "read": [[1, 1]], "solvers": {)" +
           samples + "}}";
  };
  EXPECT_EQ(error_of(with(R"("shift-invert": [[1, 1], [2, 3]])").c_str()), "none");
  for (const char* bad :
       {"", R"("chebyshev": [[1, 1]])", R"("shift-invert": [])", R"("shift-invert": [[1, -1]])",
        R"("shift-invert": [[2, 1], [1, 1]])", R"("shift-invert": [["a", 1]])"})
    EXPECT_NE(error_of(with(bad).c_str()).find("is damaged"), std::string::npos) << bad;
}

TEST(Placement, TheDeviceTakesWhatItGainsMostAt) {
  // The CPU's time grows faster: the device gains most at the largest.
  const Calibration measured =
      calibration({{{1e3, 1e-3}, {1e6, 10}}}, {{{1e3, 1e-3}, {1e6, 0.1}}}, {{{1e3, 1e-6}}});
  const Placement placement(measured, "chebyshev", 8, 1);
  EXPECT_EQ(placement.choose(of_contacts(2'000), "chebyshev"), Side::cpu);
  EXPECT_EQ(placement.choose(of_contacts(300'000), "chebyshev"), Side::device);
  EXPECT_GT(placement.least_ratio(), 1);
  // More threads take more, more devices too.
  EXPECT_GT(Placement(measured, "chebyshev", 64, 1).least_ratio(), placement.least_ratio());
  EXPECT_LT(Placement(measured, "chebyshev", 8, 4).least_ratio(), placement.least_ratio());
}

TEST(Placement, ThreadsThatReadingKeepsBusySolveNothing) {
  const Placement placement(
      calibration({{{1e3, 1e-3}, {1e6, 10}}}, {{{1e3, 1e-5}, {1e6, 0.1}}}, {{{1e3, 1}}}),
      "chebyshev", 8, 1);
  EXPECT_EQ(placement.choose(of_contacts(100), "chebyshev"), Side::device);
  EXPECT_EQ(placement.choose(of_contacts(1'000'000), "chebyshev"), Side::device);
}

TEST(Placement, WhatWasNotMeasuredOnTheDeviceStaysOnTheCpu) {
  const Placement placement(untested_calibration(), "chebyshev", 8, 1);
  EXPECT_EQ(placement.choose(of_contacts(300'000), "chebyshev"), Side::device);
  EXPECT_EQ(placement.choose(of_contacts(300'000), ""), Side::cpu);
  const Calibration none = calibration({{{1, 1}}}, {{{1, 1}}}, {{{1, 1}}});
  EXPECT_EQ(Placement(none, "jacobi", 8, 1).choose(of_contacts(300'000), "jacobi"), Side::cpu);
}

}  // namespace
}  // namespace modesweep
