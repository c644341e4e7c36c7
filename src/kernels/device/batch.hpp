// SPDX-License-Identifier: MIT
// A batch of networks as it lies on the device, laid out for the kernels.
#pragma once

#include <cstdint>

namespace modesweep::gpu {

/// One network: where its pieces begin in the arrays of the batch.
struct BatchEntry {
  std::int32_t nodes;
  std::int32_t components;
  std::int64_t first_node;     ///< in `positions`, which holds three values a node
  std::int64_t first_offset;   ///< in `offsets`: nodes + 1 of them, from 0
  std::int64_t first_contact;  ///< in `neighbours`
};

/// Device pointers. Contacts are those of the host's network: compressed rows, ascending.
struct DeviceBatch {
  const BatchEntry* entries;
  const double* positions;
  const std::int32_t* offsets;
  const std::int32_t* neighbours;
  int networks;
  int largest;  ///< nodes of the largest network
};

}  // namespace modesweep::gpu
