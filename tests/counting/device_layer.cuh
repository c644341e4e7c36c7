#pragma once
// SPDX-License-Identifier: MIT
// Everything is in the prelude already.
