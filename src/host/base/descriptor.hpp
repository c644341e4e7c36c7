// SPDX-License-Identifier: MIT
// A file descriptor that is closed when it goes out of scope.
#pragma once

#include <unistd.h>

namespace modesweep {

class Descriptor {
 public:
  /// A negative number is none.
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }

 private:
  int number_;
};

}  // namespace modesweep
