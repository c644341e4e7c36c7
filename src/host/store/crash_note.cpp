// SPDX-License-Identifier: MIT
#include "store/crash_note.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <stdexcept>

#include "base/safe_file.hpp"

namespace modesweep {
namespace {

constexpr std::array faults = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
constexpr std::int64_t none = -1;

// All that the handler touches: it may call and lock nothing else.
std::atomic<int> descriptor = -1;
std::array<struct sigaction, faults.size()> before;
std::atomic<int> notes = 0;  // that are there: of two, `before` is what the first one found
thread_local std::int64_t entry = none;

void on_fault(int signal) {
  if (entry != none) {
    [[maybe_unused]] const ssize_t size = ::write(descriptor, &entry, sizeof entry);
  }
  for (std::size_t i = 0; i < faults.size(); ++i)
    if (faults[i] == signal) ::sigaction(signal, &before[i], nullptr);
  ::raise(signal);  // delivered when this handler has returned
}

}  // namespace

CrashNote::CrashNote(const std::filesystem::path& file) {
  int opened = -1;
  try {
    opened = open_safe(file, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  } catch (const std::runtime_error&) {
    // Nothing is noted.
  }
  ::close(descriptor.exchange(opened));
  if (notes++ > 0) return;
  struct sigaction action {};
  action.sa_handler = on_fault;
  for (std::size_t i = 0; i < faults.size(); ++i) ::sigaction(faults[i], &action, &before[i]);
}

CrashNote::~CrashNote() {
  if (--notes == 0)
    for (std::size_t i = 0; i < faults.size(); ++i) ::sigaction(faults[i], &before[i], nullptr);
  ::close(descriptor.exchange(-1));
}

void CrashNote::begin(std::int64_t number) { entry = number; }

void CrashNote::end() { entry = none; }

std::vector<std::int64_t> CrashNote::read(const std::filesystem::path& file) {
  std::vector<std::int64_t> numbers;
  try {
    const int source = open_safe(file, O_RDONLY);
    for (std::int64_t number = 0; ::read(source, &number, sizeof number) == sizeof number;)
      numbers.push_back(number);
    ::close(source);
  } catch (const std::runtime_error&) {
    // Nothing was noted, or not by us.
  }
  return numbers;
}

}  // namespace modesweep
