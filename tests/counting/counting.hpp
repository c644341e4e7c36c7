// SPDX-License-Identifier: MIT
// Scalars that count what is done with them: a kernel compiled with them says what it costs. An
// operand tells by its address whether it was read from the device's memory, from shared memory or
// from a register.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

namespace counting {

/// Of one launch, or summed over several.
struct Cost {
  std::int64_t launches = 0;
  std::int64_t single_flops = 0;  ///< + - * /, (inverse) square roots, exp and log, one each
  std::int64_t double_flops = 0;
  std::int64_t bytes_read = 0;  ///< requested of the device's memory, by all threads
  std::int64_t bytes_written = 0;
  std::int64_t distinct_bytes = 0;  ///< of the device's memory touched by a launch
  std::int64_t shared_bytes = 0;    ///< read and written in shared memory

  Cost& operator+=(const Cost& other);
};

struct Launch {
  const void* kernel;
  Cost cost;
};

/// All launches since the last call, in the order in which they ran. One thread may run kernels.
std::vector<Launch> take_launches();

/// The kernel's name without its namespace and parameters, from this program's symbol table.
std::string kernel_name(const void* kernel);

/// What the types below report to while a launch runs.
class Tally {
 public:
  /// Called by every thread of the launch as it begins; `id` tells the kernel's launches apart.
  void enter(std::int64_t id, const void* kernel) {
    if (id != id_ || kernel != kernel_) begin(id, kernel);
  }

  template <class T>
  void flop() {
    if constexpr (sizeof(T) == 4)
      ++current_.single_flops;
    else
      ++current_.double_flops;
  }
  void read(const void* address, std::size_t bytes) { access(address, bytes, current_.bytes_read); }
  void write(const void* address, std::size_t bytes) {
    access(address, bytes, current_.bytes_written);
  }

  std::vector<Launch> take();

 private:
  struct Range {
    std::uintptr_t begin = 0;
    std::size_t bytes = 0;
  };
  /// One allocation of the device's memory.
  struct Region {
    Range range;
    std::vector<std::uint8_t> touched;  ///< by words of four bytes
  };
  static bool in(const Range& range, const void* address) {
    return reinterpret_cast<std::uintptr_t>(address) - range.begin < range.bytes;
  }

  void begin(std::int64_t id, const void* kernel);
  void end();

  void access(const void* address, std::size_t bytes, std::int64_t& count) {
    if (in(shared_, address))
      current_.shared_bytes += static_cast<std::int64_t>(bytes);
    else if (in(hull_, address))
      for (Region& region : regions_)
        if (in(region.range, address)) {
          count += static_cast<std::int64_t>(bytes);
          const auto offset = reinterpret_cast<std::uintptr_t>(address) - region.range.begin;
          for (std::size_t i = 0; i < bytes; i += 4) region.touched[(offset + i) / 4] = 1;
          return;
        }
  }

  std::int64_t id_ = -1;
  const void* kernel_ = nullptr;
  Cost current_;
  Range shared_, hull_;
  std::vector<Region> regions_;
  std::vector<Launch> launches_;
};

extern Tally tally;

/// A real number as `float` or `double`, of the same layout.
template <class T>
class Real {
 public:
  Real() = default;
  Real(const Real& other) : value_(other.get()) { wrote(); }
  template <class U, class = std::enable_if_t<std::is_arithmetic_v<U>>>
  constexpr Real(U value) : value_(static_cast<T>(value)) {}
  template <class U>
  explicit Real(const Real<U>& other) : value_(static_cast<T>(other.get())) {}
  Real& operator=(const Real& other) {
    value_ = other.get();
    wrote();
    return *this;
  }
  template <class U, class = std::enable_if_t<std::is_arithmetic_v<U>>>
  explicit operator U() const {
    return static_cast<U>(get());
  }

  T get() const {
    tally.read(this, sizeof(T));
    return value_;
  }

  friend Real operator+(const Real& a, const Real& b) { return operation(a.get() + b.get()); }
  friend Real operator-(const Real& a, const Real& b) { return operation(a.get() - b.get()); }
  friend Real operator*(const Real& a, const Real& b) { return operation(a.get() * b.get()); }
  friend Real operator/(const Real& a, const Real& b) { return operation(a.get() / b.get()); }
  friend Real operator-(const Real& a) { return -a.get(); }
  Real& operator+=(const Real& b) { return *this = *this + b; }
  Real& operator-=(const Real& b) { return *this = *this - b; }
  Real& operator*=(const Real& b) { return *this = *this * b; }
  Real& operator/=(const Real& b) { return *this = *this / b; }

  friend bool operator<(const Real& a, const Real& b) { return a.get() < b.get(); }
  friend bool operator>(const Real& a, const Real& b) { return a.get() > b.get(); }
  friend bool operator<=(const Real& a, const Real& b) { return a.get() <= b.get(); }
  friend bool operator>=(const Real& a, const Real& b) { return a.get() >= b.get(); }
  friend bool operator==(const Real& a, const Real& b) { return a.get() == b.get(); }
  friend bool operator!=(const Real& a, const Real& b) { return a.get() != b.get(); }

  friend Real sqrt(const Real& a) { return operation(std::sqrt(a.get())); }
  friend Real inverse_root(const Real& a) { return operation(1 / std::sqrt(a.get())); }
  friend Real exp(const Real& a) { return operation(std::exp(a.get())); }
  friend Real log(const Real& a) { return operation(std::log(a.get())); }
  friend Real fabs(const Real& a) { return std::fabs(a.get()); }
  friend Real fmax(const Real& a, const Real& b) { return std::fmax(a.get(), b.get()); }
  friend Real fmin(const Real& a, const Real& b) { return std::fmin(a.get(), b.get()); }
  friend Real cos(const Real& a) { return operation(std::cos(a.get())); }
  friend Real acos(const Real& a) { return operation(std::acos(a.get())); }
  friend Real fma(const Real& a, const Real& b, const Real& c) {
    tally.flop<T>();
    return operation(std::fma(a.get(), b.get(), c.get()));
  }

 private:
  static Real operation(T value) {
    tally.flop<T>();
    return value;
  }
  void wrote() { tally.write(this, sizeof(T)); }

  T value_;
};

/// An integer in memory; everything is done with its value.
template <class T>
class Integer {
 public:
  Integer() = default;
  Integer(const Integer& other) : value_(other) { wrote(); }
  // Explicit: else `b ? integer : 0` could become either.
  explicit constexpr Integer(T value) : value_(value) {}
  Integer& operator=(const Integer& other) { return *this = static_cast<T>(other); }
  Integer& operator=(T value) {
    value_ = value;
    wrote();
    return *this;
  }
  operator T() const {
    tally.read(this, sizeof(T));
    return value_;
  }
  Integer& operator+=(T other) { return *this = static_cast<T>(*this) + other; }
  Integer& operator++() { return *this += 1; }

 private:
  void wrote() { tally.write(this, sizeof(T)); }

  T value_;
};

static_assert(sizeof(Real<float>) == 4 && sizeof(Real<double>) == 8 && sizeof(Integer<int>) == 4);

}  // namespace counting
