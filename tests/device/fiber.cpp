// SPDX-License-Identifier: MIT
#include "device/fiber.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cassert>
#include <new>

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace device_host {
namespace {

constexpr std::size_t stack_bytes = 256 * 1024;

/// A stack with a page below it that no overflow gets past.
class Stack {
 public:
  Stack() {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    size_ = stack_bytes + page;
    base_ = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base_ == MAP_FAILED) throw std::bad_alloc();
    mprotect(base_, page, PROT_NONE);
    low_ = static_cast<char*>(base_) + page;
  }
  ~Stack() {
#if defined(__SANITIZE_ADDRESS__)
    // A body that was abandoned in the middle leaves the marks of its frames behind.
    __asan_unpoison_memory_region(low_, stack_bytes);
#endif
    munmap(base_, size_);
  }
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  char* low() const { return low_; }
  char* high() const { return low_ + stack_bytes; }

 private:
  void* base_;
  std::size_t size_;
  char* low_;
};

#if defined(__x86_64__)

// Saves what the System V convention makes a callee keep, changes stacks, and takes up there.
extern "C" void device_host_switch(void** save, void* to);
asm(R"(
.text
.globl device_host_switch
.hidden device_host_switch
.type device_host_switch, @function
device_host_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size device_host_switch, .-device_host_switch
)");

/// Where a suspended computation goes on.
class Context {
 public:
  void prepare(const Stack& stack, void (*entry)()) {
    void** top = reinterpret_cast<void**>(stack.high()) - 1;
    *top = nullptr;  // the entry's own return address: it never returns
    *--top = reinterpret_cast<void*>(entry);
    for (int i = 0; i < 6; ++i) *--top = nullptr;
    pointer_ = top;
  }
  void switch_to(Context& to) { device_host_switch(&pointer_, to.pointer_); }

 private:
  void* pointer_ = nullptr;
};

#else

class Context {
 public:
  void prepare(const Stack& stack, void (*entry)()) {
    getcontext(&context_);
    context_.uc_stack.ss_sp = stack.low();
    context_.uc_stack.ss_size = stack_bytes;
    context_.uc_link = nullptr;
    makecontext(&context_, entry, 0);
  }
  void switch_to(Context& to) { swapcontext(&context_, &to.context_); }

 private:
  ucontext_t context_{};
};

#endif

}  // namespace

class Fiber::State {
 public:
  State() { own_.prepare(stack_, &State::run); }
#if defined(__SANITIZE_THREAD__)
  ~State() { __tsan_destroy_fiber(tsan_); }
#endif

  void enter() {
    entering = this;
#if defined(__SANITIZE_THREAD__)
    tsan_outside_ = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(tsan_, 0);
#endif
#if defined(__SANITIZE_ADDRESS__)
    void* fake = nullptr;
    __sanitizer_start_switch_fiber(&fake, stack_.low(), stack_bytes);
#endif
    outside_.switch_to(own_);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#endif
  }

  void leave() {
#if defined(__SANITIZE_THREAD__)
    __tsan_switch_to_fiber(tsan_outside_, 0);
#endif
#if defined(__SANITIZE_ADDRESS__)
    void* fake = nullptr;
    __sanitizer_start_switch_fiber(&fake, outside_low_, outside_bytes_);
#endif
    own_.switch_to(outside_);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake, &outside_low_, &outside_bytes_);
#endif
  }

  std::function<void()> body;
  bool done = true;

 private:
  static void run() {
    State& self = *entering;
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(nullptr, &self.outside_low_, &self.outside_bytes_);
#endif
    for (;;) {
      self.body();
      self.done = true;
      self.leave();
    }
  }

  static thread_local State* entering;

  Stack stack_;
  Context own_, outside_;
#if defined(__SANITIZE_ADDRESS__)
  const void* outside_low_ = nullptr;
  std::size_t outside_bytes_ = 0;
#endif
#if defined(__SANITIZE_THREAD__)
  void* tsan_ = __tsan_create_fiber(0);
  void* tsan_outside_ = nullptr;
#endif
};

thread_local Fiber::State* Fiber::State::entering = nullptr;

Fiber::Fiber() : state_(std::make_unique<State>()) {}
Fiber::~Fiber() = default;

void Fiber::start(std::function<void()> body) {
  assert(state_->done);
  state_->body = std::move(body);
  state_->done = false;
}

void Fiber::resume() { state_->enter(); }
void Fiber::suspend() { state_->leave(); }
bool Fiber::done() const { return state_->done; }

}  // namespace device_host
