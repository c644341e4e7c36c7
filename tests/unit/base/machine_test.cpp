// SPDX-License-Identifier: MIT
// What a process may use, on machines made of a few files.
#include "base/allowances.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/cgroup.hpp"
#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

constexpr std::uint64_t gigabyte = 1'000'000'000;

/// A machine of 16 CPUs and 64 GB.
class Limits : public testing::Test {
 protected:
  Limits() {
    around_.root = folder_.path();
    around_.cpus = 16;
    around_.memory = 64 * gigabyte;
    around_.variable = [this](const char* name) -> std::optional<std::string> {
      const auto found = variables_.find(name);
      return found == variables_.end() ? std::nullopt : std::optional(found->second);
    };
  }

  void write(const std::string& path, const std::string& text) { folder_.write(path, text); }
  /// Version 2, as systemd mounts it.
  void mount_2(const std::string& root = "/") {
    write("proc/self/mountinfo",
          "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
          "30 22 0:26 " +
              root + " /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw\n");
  }
  /// Version 1, as Debian 9 mounted it.
  void mount_1() {
    write("proc/self/mountinfo",
          "33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:15 - cgroup cgroup "
          "rw,cpu,cpuacct\n"
          "35 31 0:32 / /sys/fs/cgroup/memory rw,nosuid shared:16 - cgroup cgroup rw,memory\n"
          "36 31 0:33 / /sys/fs/cgroup/systemd rw,nosuid - cgroup cgroup rw,name=systemd\n");
  }

  /// The limit's file without the folder of this test.
  std::string file_of(const std::string& limit) const {
    const std::string root = folder_.path().string();
    return limit.starts_with(root) ? limit.substr(root.size()) : limit;
  }
  void expect_memory(std::uint64_t bytes, const std::string& limit) {
    const auto memory = allowed_memory(around_);
    EXPECT_EQ(memory.amount, bytes);
    EXPECT_EQ(file_of(memory.limit), limit);
  }
  void expect_cpus(int count, const std::string& limit) {
    const auto cpus = allowed_cpus(around_);
    EXPECT_EQ(cpus.amount, count);
    EXPECT_EQ(file_of(cpus.limit), limit);
  }

  const test_support::TempDir folder_;
  std::map<std::string, std::string> variables_;
  Surroundings around_;
};

TEST_F(Limits, WithoutAnyTheMachineIsAllOurs) {
  expect_memory(64 * gigabyte, "physical memory");
  expect_cpus(16, "affinity");
}

TEST_F(Limits, TheLeastOfAllGroupsAroundCounts) {
  mount_2();
  write("proc/self/cgroup", "0::/slurm/job_7/step_0\n");
  const std::string top = "sys/fs/cgroup/";
  write(top + "cpu.max", "max 100000\n");
  write(top + "slurm/memory.max", "32000000000\n");
  write(top + "slurm/job_7/memory.max", "1000000000\n");
  write(top + "slurm/job_7/cpu.max", "350000 100000\n");
  write(top + "slurm/job_7/step_0/memory.max", "max\n");
  write(top + "slurm/job_7/step_0/cpu.max", "max 100000\n");
  write(top + "slurm/other/memory.max", "1\n");
  expect_memory(gigabyte, "/sys/fs/cgroup/slurm/job_7/memory.max");
  expect_cpus(4, "/sys/fs/cgroup/slurm/job_7/cpu.max");
  // What slows down counts as what kills.
  write(top + "slurm/job_7/step_0/memory.high", "500000000\n");
  expect_memory(gigabyte / 2, "/sys/fs/cgroup/slurm/job_7/step_0/memory.high");
}

TEST_F(Limits, OfVersion1EachControllerHasItsOwnGroups) {
  mount_1();
  write("proc/self/cgroup",
        "9:name=systemd:/user.slice\n5:cpuacct,cpu:/batch\n4:memory:/batch/job 1\n0::/\n");
  const std::string memory = "sys/fs/cgroup/memory/", cpu = "sys/fs/cgroup/cpu,cpuacct/";
  write(memory + "memory.limit_in_bytes", "9223372036854771712\n");
  write(memory + "batch/memory.limit_in_bytes", "2000000000\n");
  write(memory + "batch/job 1/memory.limit_in_bytes", "3000000000\n");
  write(cpu + "cpu.cfs_quota_us", "-1\n");
  write(cpu + "cpu.cfs_period_us", "100000\n");
  write(cpu + "batch/cpu.cfs_quota_us", "250000\n");
  write(cpu + "batch/cpu.cfs_period_us", "100000\n");
  expect_memory(2 * gigabyte, "/sys/fs/cgroup/memory/batch/memory.limit_in_bytes");
  expect_cpus(3, "/sys/fs/cgroup/cpu,cpuacct/batch/cpu.cfs_quota_us");
}

TEST_F(Limits, InAContainerTheMountPointIsItsGroup) {
  mount_2("/docker/0a1b");
  write("sys/fs/cgroup/memory.max", "4000000000\n");
  for (const char* group : {"0::/docker/0a1b\n", "0::/\n", "0::/../other\n"}) {
    write("proc/self/cgroup", group);
    expect_memory(4 * gigabyte, "/sys/fs/cgroup/memory.max");
  }
  write("proc/self/cgroup", "0::/docker/0a1b/inner\n");
  write("sys/fs/cgroup/inner/memory.max", "3000000000\n");
  expect_memory(3 * gigabyte, "/sys/fs/cgroup/inner/memory.max");
}

TEST_F(Limits, BothVersionsSideBySide) {
  write("proc/self/mountinfo",
        "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
        "41 31 0:38 / /sys/fs/cgroup/uni\\040fied rw - cgroup2 cgroup2 rw\n");
  write("proc/self/cgroup", "4:memory:/a\n0::/b\n");
  write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "5000000000\n");
  write("sys/fs/cgroup/uni fied/b/cpu.max", "100000 100000\n");
  expect_memory(5 * gigabyte, "/sys/fs/cgroup/memory/a/memory.limit_in_bytes");
  expect_cpus(1, "/sys/fs/cgroup/uni fied/b/cpu.max");
}

TEST_F(Limits, WhatIsDamagedLimitsNothing) {
  mount_2();
  write("sys/fs/cgroup/memory.max", "many\n");
  write("sys/fs/cgroup/cpu.max", "100000\n");
  for (const char* groups : {"", "0\n", "0:\n", "::\n", "0::/\n", "no colons here\n"}) {
    write("proc/self/cgroup", groups);
    expect_memory(64 * gigabyte, "physical memory");
    expect_cpus(16, "affinity");
  }
  write("proc/self/mountinfo", "30 22 0:26 / - cgroup2\nshort\n");
  expect_memory(64 * gigabyte, "physical memory");
}

TEST_F(Limits, ABatchSystemStatesMemoryAndCpus) {
  variables_["SLURM_MEM_PER_NODE"] = "1000";
  expect_memory(std::uint64_t{1000} << 20, "SLURM_MEM_PER_NODE");
  variables_["SLURM_MEM_PER_NODE"] = "2G";
  expect_memory(std::uint64_t{2} << 30, "SLURM_MEM_PER_NODE");
  variables_.clear();
  variables_["SLURM_MEM_PER_CPU"] = "500";
  expect_memory((std::uint64_t{500} << 20) * 16, "SLURM_MEM_PER_CPU");
  variables_["SLURM_CPUS_PER_TASK"] = "3";
  expect_cpus(3, "SLURM_CPUS_PER_TASK");
  expect_memory((std::uint64_t{500} << 20) * 3, "SLURM_MEM_PER_CPU");
  variables_["SLURM_CPUS_ON_NODE"] = "4";
  expect_memory((std::uint64_t{500} << 20) * 4, "SLURM_MEM_PER_CPU");
  variables_.clear();
  variables_["NSLOTS"] = "2";
  expect_cpus(2, "NSLOTS");
  // More than there is, all of it (0) and nonsense limit nothing.
  for (const char* value : {"99999999999", "0", "", "-4", "4x", "x", "999999999999999999999T"}) {
    variables_ = {{"SLURM_MEM_PER_NODE", value},
                  {"SLURM_MEM_PER_CPU", value},
                  {"SLURM_CPUS_PER_TASK", value},
                  {"NSLOTS", value}};
    expect_memory(64 * gigabyte, "physical memory");
    expect_cpus(16, "affinity");
  }
}

TEST_F(Limits, OfSeveralTheLeast) {
  mount_2();
  write("proc/self/cgroup", "0::/\n");
  write("sys/fs/cgroup/memory.max", "3000000000\n");
  variables_["SLURM_MEM_PER_NODE"] = "2000";
  expect_memory(std::uint64_t{2000} << 20, "SLURM_MEM_PER_NODE");
  around_.own_limit = gigabyte;
  expect_memory(gigabyte, "ulimit");
  around_.memory = gigabyte / 2;
  expect_memory(gigabyte / 2, "physical memory");
}

TEST(Machine, LimitsOfThisOneAreNamed) {
  EXPECT_GE(allowed_cpus().amount, 1);
  EXPECT_GT(allowed_memory().amount, 0U);
  EXPECT_FALSE(allowed_cpus().limit.empty());
  EXPECT_FALSE(allowed_memory().limit.empty());
}

}  // namespace
}  // namespace modesweep
