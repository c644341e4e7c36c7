// SPDX-License-Identifier: MIT
#include "base/cancel_scope.hpp"

#include <utility>

#include <modesweep/outcome.hpp>

namespace modesweep {
namespace {

thread_local const CancelToken* token_of_thread = nullptr;

}  // namespace

CancelScope::CancelScope(const CancelToken* token)
    : outer_(std::exchange(token_of_thread, token)) {}

CancelScope::~CancelScope() { token_of_thread = outer_; }

const CancelToken* CancelScope::current() { return token_of_thread; }

void check_cancelled() {
  if (token_of_thread && token_of_thread->is_cancelled()) throw Cancelled();
}

}  // namespace modesweep
