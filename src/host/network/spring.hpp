// SPDX-License-Identifier: MIT
// The spring of a contact, out of which Hessians are made, here and on devices.
#pragma once

// A kernel may call only what is marked so, and only nvcc knows the marks.
#ifdef __CUDACC__
#define MODESWEEP_HOST_DEVICE __host__ __device__
#else
#define MODESWEEP_HOST_DEVICE
#endif

namespace modesweep {

/// A contact seen from one of its nodes. Its 3 x 3 super-element, gamma d d^T / |d|^2 (Atilgan
/// 2001), is added to the node's diagonal block of the Hessian and taken from the block of the two
/// nodes. In this order of operations it is ProDy's to the bit.
template <class Real>
struct Spring {
  Real d[3];   ///< to the other node, in angstrom
  Real scale;  ///< gamma / |d|^2

  MODESWEEP_HOST_DEVICE Real element(int a, int b) const { return (d[a] * d[b]) * scale; }
};

/// Of nodes at x y z each, in angstrom.
template <class Real>
MODESWEEP_HOST_DEVICE Spring<Real> spring(const Real* here, const Real* there, Real gamma) {
  Spring<Real> s;
  for (int a = 0; a < 3; ++a) s.d[a] = there[a] - here[a];
  s.scale = gamma / ((s.d[0] * s.d[0] + s.d[1] * s.d[1]) + s.d[2] * s.d[2]);
  return s;
}

/// The same of a spring of constant 1.
template <class Real>
MODESWEEP_HOST_DEVICE Spring<Real> unit_spring(const Real* here, const Real* there) {
  return spring(here, there, Real(1));
}

}  // namespace modesweep
