// SPDX-License-Identifier: MIT
// OpenBLAS is held to the calling thread before it is loaded.
//
// As it is loaded it starts a thread for each CPU, each of which takes 128 MB: one that gets no
// memory tries for ever, so that the program would never end, and one that cannot be started ends
// the process. We use none of them, and each turns round for some 30 ms before it sleeps, which is
// much of what a short run takes. OPENBLAS_NUM_THREADS=1 keeps them away, but has to be in the
// environment before OpenBLAS's own code runs: the program starts itself once more with it.
//
// Releases up to 0.3.29 take the first buffer as they are loaded even so, and try for ever: where
// there is no room for it the program ends with the exit code of a library that cannot be loaded.
#include <elf.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

// The sanitizers' runtimes are not there yet, and take more memory than any limit that matters
// here.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

constexpr char one_thread[] = "OPENBLAS_NUM_THREADS=1";
constexpr std::size_t most_variables = 4096, longest_path = 4096;
constexpr rlim_t few_processes = 4096;  // or threads; a usual limit is tens of thousands

bool is_limited(decltype(RLIMIT_AS) resource, rlim_t enough) {
  rlimit limit{};
  return ::getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
         limit.rlim_cur <= enough;
}

#ifdef MODESWEEP_BLAS_NEEDS_A_BUFFER
void end_without_room_for_a_buffer() {
  constexpr std::size_t buffer = std::size_t{128} << 20, others = std::size_t{16} << 20;
  void* const room = ::mmap(nullptr, buffer + others, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room != MAP_FAILED) {
    ::munmap(room, buffer + others);
    return;
  }
  constexpr char text[] =
      "modesweep: OpenBLAS needs 128 MB of addresses as it is loaded, and the limit (ulimit -v, "
      "-d) has no room for them\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text, sizeof text - 1);
  ::_exit(127);
}
#else
void end_without_room_for_a_buffer() {}
#endif

/// Runs before the constructors of all libraries, so that nothing but system calls may be used.
void hold_blas_to_one_thread(int, char** arguments, char** environment) {
  const bool limited = is_limited(RLIMIT_AS, RLIM_INFINITY) ||
                       is_limited(RLIMIT_DATA, RLIM_INFINITY) ||
                       is_limited(RLIMIT_NPROC, few_processes);
  if (limited) end_without_room_for_a_buffer();
  // Without a base of its own the loader runs us as its argument, and would be started in our
  // place.
  if (::getauxval(AT_BASE) == 0) return;
  static char* variables[most_variables + 2];
  std::size_t count = 0;
  for (; environment[count]; ++count) {
    if (count == most_variables || std::strcmp(environment[count], one_thread) == 0) return;
    variables[count] = environment[count];
  }
  // The first of two of one name counts.
  std::memmove(variables + 1, variables, count * sizeof *variables);
  variables[0] = const_cast<char*>(one_thread);
  static char program[longest_path];
  const ssize_t length = ::readlink("/proc/self/exe", program, longest_path - 1);
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel hands pointers over as integers.
  const auto* const started = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
  ::execve(length > 0 ? program : started, arguments, variables);
}

[[gnu::section(".preinit_array"),
  gnu::used]] void (*const before_libraries)(int, char**, char**) = hold_blas_to_one_thread;

}  // namespace

#endif
