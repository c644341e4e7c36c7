// SPDX-License-Identifier: MIT
// Damaged copies of files, the same on every machine.
#pragma once

#include <cstdint>
#include <filesystem>
#include <random>
#include <string>

namespace test_support {

/// A copy of `bytes` damaged in one of seven ways (bits flipped, bytes changed, cut off, a stretch
/// lost, lines swapped, a line lost, a line twice), chosen by `seed` alone.
std::string corrupted(const std::string& bytes, std::uint64_t seed);

/// Turns one bit of a file over, where it lies.
void flip_a_bit(const std::filesystem::path& file, std::mt19937& random);

}  // namespace test_support
