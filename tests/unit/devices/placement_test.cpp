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
  all.start = 0.5;
  all.read = std::move(read);
  all.solvers["auto"] = std::move(cpu);
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
  EXPECT_EQ(loaded->start, 0.5);
  ASSERT_EQ(loaded->solvers.size(), 2u);
  EXPECT_EQ(loaded->solvers.at("auto").samples.at(1).seconds, 1. / 3);
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
    return R"({"format": 3, "date": "", "cpu": "", "device": "", "start": 1, "read": [[1, 1]], )"
           R"("solvers": {)" +
           samples + "}}";
  };
  EXPECT_EQ(error_of(with(R"("auto": [[1, 1], [2, 3]])").c_str()), "none");
  for (const char* bad : {"", R"("chebyshev": [[1, 1]])", R"("auto": [])", R"("auto": [[1, -1]])",
                          R"("auto": [[2, 1], [1, 1]])", R"("auto": [["a", 1]])"})
    EXPECT_NE(error_of(with(bad).c_str()).find("is damaged"), std::string::npos) << bad;
}

/// Positions that no other network of a test has; contacts are counted, not looked at.
Network network_of(int nodes, std::size_t contacts, int number = 0) {
  Network network = of_contacts(contacts);
  for (int i = 0; i < nodes; ++i) network.positions.push_back({3.8 * i, 0.001 * number, 0});
  return network;
}

TEST(Placement, BothSidesAreBusyForTheSameTime) {
  const Calibration measured =
      calibration({{{1e3, 1e-2}, {1e6, 10}}}, {{{1e3, 1e-3}, {1e6, 0.1}}}, {{{1e3, 1e-4}}});
  for (const auto& [threads, devices] : {std::pair(8, 1), std::pair(16, 1), std::pair(16, 4)})
    for (const double contacts : {1e3, 3e4, 1e6}) {
      SCOPED_TRACE(contacts);
      const Placement placement(measured, "chebyshev", threads, devices);
      const double share = placement.device_share(contacts);
      const double cpu = measured.solvers.at("auto").seconds(contacts) / threads;
      const double device = measured.solvers.at("chebyshev").seconds(contacts) / devices;
      const double reading = measured.read.seconds(contacts) / threads;
      if (share < 1)
        EXPECT_NEAR(share * device, reading + (1 - share) * cpu, 1e-12);
      else
        EXPECT_LE(device, reading);
      EXPECT_GT(share, 0);
      EXPECT_DOUBLE_EQ(placement.seconds_saved(contacts), share * cpu);
    }
}

TEST(Placement, SharesAreChosenByCoordinatesAlone) {
  const Placement placement(calibration({{{1e3, 4e-3}}}, {{{1e3, 1e-3}}}, {{{1e3, 1e-6}}}),
                            "chebyshev", 2, 1);
  const double share = placement.device_share(1e3);
  EXPECT_NEAR(share, 2. / 3, 1e-3);
  int on_device = 0;
  for (int i = 0; i < 3000; ++i) {
    const Side side = placement.choose(network_of(40, 1000, i));
    EXPECT_EQ(placement.choose(network_of(40, 1000, i)), side);
    on_device += side == Side::device;
  }
  // Four standard deviations.
  EXPECT_NEAR(on_device / 3000., share, 0.035);
}

TEST(Placement, ThreadsThatReadingKeepsBusySolveNothing) {
  const Placement placement(
      calibration({{{1e3, 1e-3}, {1e6, 10}}}, {{{1e3, 1e-5}, {1e6, 0.1}}}, {{{1e3, 1}}}),
      "chebyshev", 8, 1);
  for (const std::size_t contacts : {1'000, 1'000'000}) {
    EXPECT_EQ(placement.device_share(static_cast<double>(contacts)), 1);
    EXPECT_EQ(placement.choose(network_of(40, contacts)), Side::device);
  }
}

TEST(Placement, WhatIsTooSmallOrWasNotMeasuredIsTheCpus) {
  const Calibration all = calibration({{{1e3, 1}}}, {{{1e3, 1e-9}}}, {{{1e3, 1}}});
  EXPECT_EQ(Placement(all, "chebyshev", 8, 1).choose(network_of(30, 1000)), Side::device);
  EXPECT_EQ(Placement(all, "chebyshev", 8, 1).choose(network_of(29, 1000)), Side::cpu);
  const Placement none(all, "jacobi", 8, 1);
  EXPECT_EQ(none.choose(network_of(40, 1000)), Side::cpu);
  EXPECT_EQ(none.device_share(1e3), 0);
  EXPECT_EQ(none.seconds_saved(1e3), 0);
}

TEST(BuiltInCalibration, IsScaledByWhatTheDataSheetAllows) {
  const Calibration h100 = built_in_calibration({"H100", 66.9e12, 33.5e12, 3.35e12, false});
  EXPECT_FALSE(h100.measured);
  const Calibration unknown = built_in_calibration({});
  const Calibration half = built_in_calibration({"half", 33.45e12, 33.5e12, 3e12, false});
  const Calibration consumer = built_in_calibration({"consumer", 66.9e12, 1.05e12, 1e12, false});
  const double contacts = 18e3, seconds = h100.solvers.at("chebyshev").seconds(contacts);
  EXPECT_DOUBLE_EQ(unknown.solvers.at("chebyshev").seconds(contacts), seconds);
  EXPECT_NEAR(half.solvers.at("chebyshev").seconds(contacts), 2 * seconds, 1e-9);
  // 243 Mflop in double precision take 0.22 ms more there.
  EXPECT_NEAR(consumer.solvers.at("chebyshev").seconds(contacts), seconds + 2.24e-4, 1e-6);
  EXPECT_GT(Placement(h100, "chebyshev", 16, 1).device_share(contacts), 0.7);
}

TEST(ExpectedContacts, AreThoseOfTheFilesSize) {
  const test_support::TempDir folder;
  const double typical = expected_contacts({});
  EXPECT_EQ(expected_contacts(folder.path() / "none.pdb"), typical);
  const double one = expected_contacts(folder.write("a.pdb", std::string(65'000, ' ')));
  EXPECT_DOUBLE_EQ(one, 5'500);
  EXPECT_DOUBLE_EQ(expected_contacts(folder.write("b.pdb.gz", std::string(65'000, ' '))), 4 * one);
}

}  // namespace
}  // namespace modesweep
