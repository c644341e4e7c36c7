// SPDX-License-Identifier: MIT
#include "support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>

#include "support/data_files.hpp"
#include "support/temp_dir.hpp"

namespace test_support {
namespace {

struct Pipe {
  std::array<int, 2> end{-1, -1};
  Pipe() {
    if (::pipe2(end.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  void close_end(int i) {
    if (end[i] >= 0) ::close(end[i]);
    end[i] = -1;
  }
};

}  // namespace

RunResult run(const std::vector<std::string>& arguments, const RunOptions& options) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  std::map<std::string, std::string> environment = {{"PATH", "/usr/local/bin:/usr/bin:/bin"},
                                                    {"LC_ALL", "C.UTF-8"}};
  // What the sanitizers and the BLAS of a machine need to run right is not the test's business.
  for (const char* name : {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "ASAN_OPTIONS", "UBSAN_OPTIONS",
                           "TSAN_OPTIONS", "LD_LIBRARY_PATH"})
    if (const char* value = std::getenv(name)) environment[name] = value;
  for (const auto& [name, value] : options.environment) environment[name] = value;
  std::vector<std::string> lines;
  for (const auto& [name, value] : environment) lines.push_back(name + "=" + value);
  std::vector<char*> envp;
  for (const std::string& line : lines) envp.push_back(const_cast<char*>(line.c_str()));
  envp.push_back(nullptr);

  Pipe in, out, err;
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    ::setpgid(0, 0);
    if (!options.folder.empty() && ::chdir(options.folder.c_str()) != 0) ::_exit(126);
    ::dup2(in.end[0], 0);
    ::dup2(out.end[1], 1);
    ::dup2(err.end[1], 2);
    ::execvpe(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  in.close_end(0);
  out.close_end(1);
  err.close_end(1);
  // The writing side may be closed by the child before it has read everything.
  ::signal(SIGPIPE, SIG_IGN);
  if (!options.input.empty() &&
      ::write(in.end[1], options.input.data(), options.input.size()) < 0) {
    // The child does not read its input; that is its right.
  }
  in.close_end(1);

  RunResult result;
  const auto start = std::chrono::steady_clock::now();
  auto signal = options.signals.begin();
  while (out.end[0] >= 0 || err.end[0] >= 0) {
    std::array<pollfd, 2> fds{{{out.end[0], POLLIN, 0}, {err.end[0], POLLIN, 0}}};
    constexpr int look_again_ms = 20;
    ::poll(fds.data(), fds.size(), look_again_ms);
    // One at a time: two that wait for a process at once can become one.
    if (signal != options.signals.end() && (!signal->when || signal->when(result)))
      ::kill(child, signal++->number);
    const auto elapsed = std::chrono::steady_clock::now() - start;
    if (elapsed > options.limit) {
      ::kill(-child, SIGKILL);
      result.err += "\n[killed by the test after its limit]\n";
      break;
    }
    for (int i = 0; i < 2; ++i) {
      if (fds[i].fd < 0 || !(fds[i].revents & (POLLIN | POLLHUP | POLLERR))) continue;
      std::array<char, 65536> buffer;
      const ssize_t n = ::read(fds[i].fd, buffer.data(), buffer.size());
      if (n > 0)
        (i == 0 ? result.out : result.err).append(buffer.data(), static_cast<std::size_t>(n));
      else
        (i == 0 ? out : err).close_end(0);
    }
  }
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  result.peak_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) << 10;
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

std::function<bool(const RunResult&)> after(int milliseconds) {
  const auto time = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  return [time](const RunResult&) { return std::chrono::steady_clock::now() >= time; };
}

std::string modesweep_program() { return (build_dir() / "modesweep").string(); }

std::string program_for_all(const std::filesystem::path& folder) {
  const std::filesystem::path copy = folder / "program-for-all";
  if (!std::filesystem::exists(copy)) {
    std::filesystem::copy_file(modesweep_program(), copy);
    std::filesystem::permissions(copy, std::filesystem::perms(0755));
  }
  return copy.string();
}

RunResult run_modesweep(std::vector<std::string> arguments, RunOptions options) {
  arguments.insert(arguments.begin(), modesweep_program());
  TempDir home;
  options.environment.emplace("HOME", home.path().string());
  options.environment.emplace("MODESWEEP_CACHE_DIR", (home.path() / "cache").string());
  if (options.folder.empty()) options.folder = home.path().string();
  return run(arguments, options);
}

}  // namespace test_support
