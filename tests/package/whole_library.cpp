// SPDX-License-Identifier: MIT
// As a module of another language has it: one function of its own, and all of a library of ours.
#include <modesweep/version.hpp>

extern "C" const char* modesweep_version() { return modesweep::version; }
