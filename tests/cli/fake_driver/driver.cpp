// SPDX-License-Identifier: MIT
// An NVIDIA driver as the program first asks it, without a device behind it. What it answers comes
// from the environment: FAKE_DRIVER_INIT is what cuInit returns, FAKE_DRIVER_DEVICES how many
// devices there are.
#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace {
int from_environment(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  return text ? std::atoi(text) : otherwise;
}
}  // namespace

extern "C" {
int cuInit(unsigned) { return from_environment("FAKE_DRIVER_INIT", 0); }
#ifndef OLD_DRIVER
int cuDeviceGetCount(int* count) {
  *count = from_environment("FAKE_DRIVER_DEVICES", 1);
  return 0;
}
int cuDeviceGet(int* device, int index) {
  *device = index;
  return 0;
}
int cuDeviceGetName(char* name, int size, int) {
  std::snprintf(name, static_cast<std::size_t>(size), "a device that is not there");
  return 0;
}
int cuDeviceGetAttribute(int* value, int, int) {
  *value = 8;
  return 0;
}
int cuDeviceTotalMem_v2(std::size_t* bytes, int) {
  *bytes = std::size_t{8} << 30;
  return 0;
}
#endif
}
