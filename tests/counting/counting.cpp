// SPDX-License-Identifier: MIT
#include "counting/counting.hpp"

#include <cxxabi.h>
#include <elf.h>
#include <link.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <utility>

#include "device/grid.hpp"
#include "standin/standin.hpp"

namespace counting {

Tally tally;

Cost& Cost::operator+=(const Cost& other) {
  launches += other.launches;
  single_flops += other.single_flops;
  double_flops += other.double_flops;
  bytes_read += other.bytes_read;
  bytes_written += other.bytes_written;
  distinct_bytes += other.distinct_bytes;
  shared_bytes += other.shared_bytes;
  return *this;
}

void Tally::begin(std::int64_t id, const void* kernel) {
  end();
  id_ = id;
  kernel_ = kernel;
  current_ = {};
  const device_host::SharedSpan shared = device_host::shared_memory();
  shared_ = {reinterpret_cast<std::uintptr_t>(shared.begin), shared.bytes};
  const std::vector<standin::Span> memory = standin::device_memory();
  regions_.resize(memory.size());
  for (std::size_t i = 0; i < memory.size(); ++i) {
    regions_[i].range = {reinterpret_cast<std::uintptr_t>(memory[i].begin), memory[i].bytes};
    regions_[i].touched.assign(memory[i].bytes / 4 + 2, 0);
  }
  hull_ = {};
  if (regions_.empty()) return;
  hull_.begin = regions_.front().range.begin;  // ascending
  hull_.bytes = regions_.back().range.begin + regions_.back().range.bytes - hull_.begin;
}

void Tally::end() {
  if (!kernel_) return;
  current_.launches = 1;
  for (const Region& region : regions_)
    current_.distinct_bytes += 4 * std::count(region.touched.begin(), region.touched.end(), 1);
  launches_.push_back({kernel_, current_});
  kernel_ = nullptr;
}

std::vector<Launch> Tally::take() {
  end();
  return std::exchange(launches_, {});
}

std::vector<Launch> take_launches() { return tally.take(); }

namespace {

/// Names by address of all functions, local ones too, from the file that this program is.
std::map<std::uintptr_t, std::string> read_symbols() {
  std::ifstream stream("/proc/self/exe", std::ios::binary);
  const std::string file(std::istreambuf_iterator<char>(stream), {});
  std::uintptr_t base = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* out) {
        *static_cast<std::uintptr_t*>(out) = info->dlpi_addr;
        return 1;  // the first is the program
      },
      &base);
  const auto* const header = reinterpret_cast<const ElfW(Ehdr)*>(file.data());
  const auto* const sections = reinterpret_cast<const ElfW(Shdr)*>(file.data() + header->e_shoff);
  std::map<std::uintptr_t, std::string> names;
  for (int i = 0; i < header->e_shnum; ++i) {
    if (sections[i].sh_type != SHT_SYMTAB) continue;
    const auto* const symbols =
        reinterpret_cast<const ElfW(Sym)*>(file.data() + sections[i].sh_offset);
    const char* const strings = file.data() + sections[sections[i].sh_link].sh_offset;
    for (std::size_t k = 0; k < sections[i].sh_size / sizeof(ElfW(Sym)); ++k)
      if ((symbols[k].st_info & 0xF) == STT_FUNC && symbols[k].st_value != 0)
        names[base + symbols[k].st_value] = strings + symbols[k].st_name;
  }
  return names;
}

}  // namespace

std::string kernel_name(const void* kernel) {
  static const std::map<std::uintptr_t, std::string> names = read_symbols();
  const auto found = names.find(reinterpret_cast<std::uintptr_t>(kernel));
  if (found == names.end()) return "?";
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> readable(
      abi::__cxa_demangle(found->second.c_str(), nullptr, nullptr, &status), &std::free);
  std::string name = status == 0 ? readable.get() : found->second;
  // "void modesweep::gpu::(anonymous namespace)::products<40>(modesweep::gpu::Subspaces)"
  const std::string inside = "(anonymous namespace)::";
  if (const std::size_t begin = name.find(inside); begin != std::string::npos)
    name.erase(0, begin + inside.size());
  return name.substr(0, name.find_first_of("<("));
}

}  // namespace counting
