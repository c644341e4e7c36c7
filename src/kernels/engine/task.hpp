// SPDX-License-Identifier: MIT
// Work that stops where it waits for the device, so that one thread drives several streams.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "kernels/engine/driver_memory.hpp"

namespace modesweep::gpu {

namespace detail {

struct PromiseBase {
  std::coroutine_handle<> next = std::noop_coroutine();  ///< who awaits this one
  std::exception_ptr error;

  struct Final {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      return self.promise().next;
    }
    void await_resume() const noexcept {}
  };
  // Of the thread's own memory: tasks come and go with every batch.
  static void* operator new(std::size_t bytes) { return driver_memory().allocate(bytes); }
  static void operator delete(void* frame, std::size_t bytes) {
    driver_memory().deallocate(frame, bytes);
  }

  std::suspend_always initial_suspend() const noexcept { return {}; }
  Final final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { error = std::current_exception(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;
  void return_value(T result) { value = std::move(result); }
  T take() { return *std::move(value); }
};

template <>
struct Promise<void> : PromiseBase {
  void return_void() const noexcept {}
  void take() const noexcept {}
};

}  // namespace detail

/// A coroutine that ends with a T or an exception. It begins when it is awaited or started; a task
/// that goes away half-done takes with it what it holds. References among its parameters must
/// outlive it.
template <class T = void>
class [[nodiscard]] Task {
 public:
  struct promise_type : detail::Promise<T> {
    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  /// Runs to the first wait.
  void start() { handle_.resume(); }
  bool done() const { return handle_.done(); }
  /// Once it is done.
  T result() {
    if (handle_.promise().error) std::rethrow_exception(handle_.promise().error);
    return handle_.promise().take();
  }

  auto operator co_await() & noexcept { return Awaiter{handle_}; }
  auto operator co_await() && noexcept { return Awaiter{handle_}; }

 private:
  struct Awaiter {
    std::coroutine_handle<promise_type> handle;
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> next) noexcept {
      handle.promise().next = next;
      return handle;
    }
    T await_resume() {
      if (handle.promise().error) std::rethrow_exception(handle.promise().error);
      return handle.promise().take();
    }
  };

  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

}  // namespace modesweep::gpu
