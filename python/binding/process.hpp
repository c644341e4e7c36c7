// SPDX-License-Identifier: MIT
// What a process and an interpreter must be for the library to work in them.
#pragma once

namespace modesweep::python {

/// Has forks noticed from now on. Throws py::import_error in a sub-interpreter.
void check_interpreter();

/// Work under way, on whatever threads: while there is any a fork leaves its locks and threads
/// behind, and the child must not touch them.
class Working {
 public:
  /// Throws modesweep.Error, code `forked`, in a process that was forked while there was work.
  Working();
  ~Working();
  Working(const Working&) = delete;
  Working& operator=(const Working&) = delete;

  /// Whether the work is that of a parent process, whose threads are not here.
  bool is_left_behind() const;

 private:
  int process_;
};

}  // namespace modesweep::python
