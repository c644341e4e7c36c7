// SPDX-License-Identifier: MIT
// Networks to measure and to check with: of files, of copies of them, and made up.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <modesweep/network.hpp>

namespace modesweep::measure {

struct Sample {
  std::string name;
  Network network;
};

/// A compact body of so many nodes, as dense as a protein: points of a jittered lattice nearest to
/// the origin. A function of the number alone.
std::vector<Vec3> globule(int nodes);

/// Copies, each rotated otherwise, in a row where each touches the ones before it.
std::vector<Vec3> joined_copies(std::span<const Vec3> positions, int copies);

/// A few of the files' networks, sizes spread, and joined copies of the largest up to
/// `most_residues`. Files that give no network are passed over.
std::vector<Sample> samples_of_files(const std::vector<std::filesystem::path>& files,
                                     int most_residues);

/// The same of globules.
std::vector<Sample> made_up_samples(int most_residues);

/// Small ones for a self-test, one of them in two pieces.
std::vector<Network> networks_to_check();

}  // namespace modesweep::measure
