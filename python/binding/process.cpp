// SPDX-License-Identifier: MIT
#include "process.hpp"

#include <pthread.h>
#include <pybind11/pybind11.h>

#include <atomic>

#include "error.hpp"

namespace py = pybind11;

namespace modesweep::python {
namespace {

std::atomic<int> at_work{0};
// Counted up by each fork, so that what was begun before it is known.
std::atomic<int> process{0};
std::atomic<bool> forked_at_work{false};

void in_child() {
  if (at_work > 0) forked_at_work = true;
  at_work = 0;
  ++process;
}

}  // namespace

void check_interpreter() {
  if (PyInterpreterState_Get() != PyInterpreterState_Main())
    throw py::import_error(
        "modesweep works in the main interpreter alone, not in a sub-interpreter: use processes, "
        "or threads, which it runs without the GIL");
  static const int watches = ::pthread_atfork(nullptr, nullptr, in_child);
  if (watches != 0) throw py::import_error("modesweep cannot watch for forks: no memory");
}

Working::Working() : process_(process) {
  if (forked_at_work)
    raise({"", "forked",
           "this process was forked while modesweep was at work on other threads, which it does "
           "not have: fork before or after that, or have multiprocessing start processes by "
           "\"spawn\""});
  ++at_work;
}

Working::~Working() {
  if (!is_left_behind()) --at_work;
}

bool Working::is_left_behind() const { return process_ != process; }

}  // namespace modesweep::python
