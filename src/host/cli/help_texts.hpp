// SPDX-License-Identifier: MIT
// What the help of several commands ends with.
#pragma once

namespace modesweep::cli {

inline constexpr const char* exit_codes = R"(Exit codes:
  0  ranked (entries left out are reported)
  1  with --strict: an entry failed
  2  the command line is wrong
  3  nothing to rank: nothing found, all left out, or --where met by none
  4  something needed is unavailable: a service, a mirror, a GPU, an
     undamaged run, or more than half of the downloads failed
  5  internal error
  6  output could not be written
  7  show --check found damage
  130, 143  interrupted (SIGINT, SIGTERM); the ranking so far was printed)";

inline constexpr const char* core_of_gnm =
    "the core is of an ANM: what it says of a GNM was not tested, and it is not offered";

inline constexpr const char* citations = R"(Please cite:
  ANM: Atilgan et al., Biophys. J. 80:505 (2001);
       Doruker, Atilgan & Bahar, Proteins 40:512 (2000)
  ProDy, whose numbers these are: Bakan, Meireles & Bahar, Bioinformatics
       27:1575 (2011); Zhang et al., Bioinformatics 37:3657 (2021)
  the PDB: wwPDB consortium, Nucleic Acids Res. 47:D520 (2019))";

}  // namespace modesweep::cli
