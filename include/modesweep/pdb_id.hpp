// SPDX-License-Identifier: MIT
// PDB entry identifiers: 4 characters (1UBI) and 12 characters (pdb_00001ubi).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace modesweep {

/// The normal form of an entry ID, or nothing where `text` is not one.
/// `1ubi` -> `1UBI`; `PDB_00001UBI` -> `1UBI` (a shortable ID while both forms exist);
/// `PDB_1ABC5678` -> `pdb_1abc5678`. A 4-character ID is a digit 1-9 and three letters or digits,
/// a 12-character one `pdb_` and eight letters or digits.
std::optional<std::string> normalise_pdb_id(std::string_view text);

/// The entry (normal form) whose 12-character ID is a file's name (without its endings), alone or
/// followed by the archive's word for coordinates: `pdb_00001abc`, `PDB_00001ABC_xyz`,
/// `pdb_00001abc_xyz_v1-2`. Names of 4 characters are too short to be sure of.
std::optional<std::string> pdb_id_of_file_name(std::string_view stem);

/// What an entry is called whose file does not say it: its ID where the file's name tells it, else
/// the name without its endings.
std::string entry_name(std::string_view stem);

/// What a chain of an entry is called: 1AKE:A; the one without a name is _.
std::string chain_entry_name(std::string_view entry, std::string_view chain);

/// The same text with every 12-character ID in it in normal form. An ID does not stand within a
/// word: `xpdb_00001abc` and `pdb_00001abcd` hold none.
std::string with_normal_pdb_ids(std::string_view text);

/// The 12-character form in lower case: `1UBI` -> `pdb_00001ubi`.
std::string extended_pdb_id(std::string_view normal_id);

/// The folder that the archive's divided layout files this entry under, in lower case: the two
/// characters before the last one (`1UBI` -> `ub`, `pdb_1abc5678` -> `67`).
std::string pdb_id_hash(std::string_view normal_id);

}  // namespace modesweep
