// SPDX-License-Identifier: MIT
// Structure files in, the nodes of a network out.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <modesweep/outcome.hpp>

namespace modesweep {

using Vec3 = std::array<double, 3>;  ///< angstrom

/// Which atoms become nodes.
enum class NodeRule {
  prody,      ///< exactly what ProDy's selection `calpha` takes
  polymer,    ///< the C-alpha of every polypeptide residue, one node per position
  prody_app,  ///< what the command `prody anm` takes: C-alphas, and P, C4', C2 of nucleic acids
};

std::string_view to_string(NodeRule rule);

struct ReadOptions {
  NodeRule nodes = NodeRule::prody;
  std::optional<int> model;  ///< model number as in the file; the first model where empty
  /// Author's names of those to take; all where empty. A blank is the chain without a name, and so
  /// is `_` where no chain is called so.
  std::vector<std::string> chains{};
  std::string selection{};  ///< one that `model_of_selection` takes; all where empty
  /// Name of a biological assembly, of whose chains (with the operators of the file) the network is
  /// made; the asymmetric unit where empty. Chains and selection are of the asymmetric unit, their
  /// copies follow: the first copy of a chain keeps its name, the others are `A-2`, `A-3` ...
  /// `auto`: assembly 1 where the file states it, else the asymmetric unit.
  std::string assembly{};
};

/// The model's number that a selection in gemmi's CID syntax names, such as 2 in "/2/A/10-50";
/// nothing where it names none. Or a sentence on what is wrong: the syntax, or that it asks for
/// what nodes do not have (altloc, occupancy, entity type).
tl::expected<std::optional<int>, std::string> model_of_selection(const std::string& cid);

/// One residue's atom in the network. What a file does not say has no value.
struct Node {
  Vec3 position;                   ///< angstrom
  std::optional<double> b_factor;  ///< angstrom^2; pLDDT where `Structure::predicted`
  std::string chain;               ///< author's chain (auth_asym_id); may be blank
  std::string residue;             ///< residue name
  std::string atom;                ///< atom name, CA as a rule
  std::optional<int> number;       ///< author's residue number; need not be unique in a chain
  char insertion = ' ';
};

/// What a file says of itself, for searching and for the table's columns.
struct Header {
  std::string id;            ///< the entry's own ID in normal form, else the file's stem
  bool id_is_entry = false;  ///< whether `id` came from the file and is a PDB ID
  std::string title;
  std::string keywords;
  std::string molecules;
  std::string organisms;
  std::string method;
  std::optional<double> resolution;  ///< angstrom
  std::string revision;              ///< date of the last revision, YYYY-MM-DD
  /// What tells one protein from another: the UniProt accessions of the file's reference records,
  /// ascending ("P00760,P00974"), else a digest of the sequences of its proteins ("sequence:..."),
  /// those of the nodes where the file states none. Each counts once; of chains that were chosen,
  /// theirs. Empty for a header alone without either record.
  std::string protein;
};

struct Structure {
  Header header;
  std::vector<Node> nodes;  ///< in the order of the file
  int models = 0;
  int chains = 0;                 ///< distinct author's chains that own a node
  bool nucleic_left_out = false;  ///< nucleic acid in the model, none of it in the network
  std::string assembly{};         ///< whose nodes these are; empty: the asymmetric unit's
  bool no_assembly = false;       ///< assembly 1 was to be taken where there is one, and none is
  bool partial_assembly = false;  ///< the asymmetric unit, all of it, is not assembly 1
  bool more_blocks = false;       ///< other data blocks of the file have atoms as well
  bool predicted = false;         ///< a predicted model, whose B factors are its pLDDT
};

/// A file's bytes as they lie on disk, or those that come through a pipe. Stage parse: `unreadable`
/// (devices and sockets, too), `too_large`.
Outcome<std::string> read_bytes(const std::filesystem::path& path);

/// A file's bytes without compression. Stage parse: as `read_bytes` and `decompressed`.
Outcome<std::string> read_decompressed(const std::filesystem::path& path);

/// The same of bytes that were read before from `path`, which failures name: gzip, Zstandard, xz
/// and bzip2, also one within another. Stage parse: `empty`, `bad_gzip`, `bad_compression`.
Outcome<std::string> decompressed(std::string bytes, const std::filesystem::path& path);

/// SHA-256 of the file as it lies on disk, in lower-case hexadecimal. Stage parse: `unreadable`.
Outcome<std::string> file_sha256(const std::filesystem::path& path);

/// Reads mmCIF, BinaryCIF or PDB format (told apart by content; PQR by the file's name), plain or
/// compressed.
/// Fails at stage parse: `unreadable`, `empty`, `bad_gzip`, `bad_compression`, `not_a_structure`,
/// `bad_coordinates`,
/// `no_model`, `no_nodes`, `no_chain` (a chain asked for owns no node), `nothing_selected`,
/// `no_assembly` (the message has the names that there are), `too_large` (an assembly of more than
/// five million nodes).
/// The rule `prody` follows ProDy 2.3.1 (AMINOACIDS in atomic/flags.py; altloc ' ' or 'A'); where
/// that selects nothing, ProDy 2.6.1's residue names and altloc rule are tried.
Outcome<Structure> read_structure(const std::filesystem::path& path, const ReadOptions& options);

/// The same of bytes that were read before from `path`, which names the structure and failures.
Outcome<Structure> read_structure(std::string bytes, const std::filesystem::path& path,
                                  const ReadOptions& options);

/// From one reading a structure of each author's chain that owns a node, in the order of the file:
/// as `read_structure` makes it of that chain alone, but that the rule of nodes is that of the
/// whole file. `options` choose among the nodes first; they name no assembly. Fails as
/// `read_structure`.
Outcome<std::vector<Structure>> read_chains(std::string bytes, const std::filesystem::path& path,
                                            const ReadOptions& options);

/// The header alone: cheaper than `read_structure`, for the archive's index.
Outcome<Header> read_header(const std::filesystem::path& path);

/// Whether a file name looks like a structure file, in any letter case: .cif .mmcif .mcif .pdbx
/// .bcif .pdb .ent .pdbqt .pqr, biological units (.pdb1 .pdb2 ... .ent1 ...), or one of SCOP's
/// names of domains without an ending (d1dlwa_, g1abc.1, e1abc.1a); each also with .gz .zst .xz
/// .bz2.
bool is_structure_file_name(const std::filesystem::path& path);

/// The file's name without the endings that `is_structure_file_name` knows.
std::string structure_stem(const std::filesystem::path& path);

}  // namespace modesweep
