// SPDX-License-Identifier: MIT
// Modes in the formats of other programs: NMD, NPZ, animated PDB, scripts that draw them, and the
// numbers of each residue.
#pragma once

#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include <modesweep/core.hpp>
#include <modesweep/model.hpp>
#include <modesweep/modes.hpp>
#include <modesweep/network.hpp>
#include <modesweep/outcome.hpp>
#include <modesweep/settings.hpp>
#include <modesweep/structure.hpp>

namespace modesweep {

/// The modes of one structure, and what they were computed from.
struct EntryModes {
  Structure structure;      ///< `header.id` names the entry
  std::string file_sha256;  ///< of the file as it lies on disk
  Model model;
  Settings parameters;                ///< all that the modes depend on, as text
  Modes modes;                        ///< one at least, with the signs of `orient_mode`
  Core core{};                        ///< of an ANM
  std::optional<Modes> core_modes{};  ///< of the core network, likewise, where asked for
  /// Nodes, as `hinge_nodes` finds them in the slowest mode of a GNM with ProDy's cutoff, whatever
  /// the model; where asked for.
  std::optional<std::vector<std::size_t>> hinges{};

  /// Of mode k, from 0: 3N values, or of a GNM N.
  std::span<const double> mode(std::size_t k) const {
    const auto size = static_cast<std::size_t>(axes(model.network.model)) * structure.nodes.size();
    return std::span(modes.eigenvectors).subspan(k * size, size);
  }
};

/// The core network as if it were all: its nodes alone, and its modes. Fails at stage rank where
/// there is none, or its modes were not asked for: `coreless`.
Outcome<EntryModes> core_of(EntryModes entry);

/// Nothing, or one sentence on why the format cannot hold the entry; then nothing was written.
using Written = tl::expected<void, std::string>;

/// NMD, for looking at: opens in VMD's NMWiz and in ProDy's `parseNMD`. Coordinates (angstrom) and
/// unit eigenvectors have three decimals; each mode's scale is 1 / sqrt(eigenvalue), as ProDy's
/// `writeNMD` has it. The format has no place for insertion codes. Words must not be empty: a blank
/// chain is written as `_`, and the line `resids` or `bfactors` is left out where the file does not
/// state all of them. The modes of a GNM, which have no directions, are refused.
Written write_nmd(std::ostream& out, const EntryModes& entry);

/// NPZ, the record: `numpy.load` reads it without pickle, and the same modes give the same bytes.
/// With N nodes and k modes:
///   coordinates (N, 3) angstrom; eigenvalues (k); eigenvectors (3N, k), x y z of each node, or of
///   a GNM (N, k);
///   residuals (k) as `Modes` has them; degenerate_modes (groups, 2), first and last mode from 1;
///   chains, residue_numbers, insertion_codes ('' for none), residue_names, atom_names,
///   b_factors (N), angstrom^2, or pLDDT of a predicted model; where the file states none NaN, and
///   as residue number the least int64, which is in no file;
///   entry, file_sha256, model, nodes, file_model, chains_selected, selection, assembly, solver,
///   version: one text each, empty where nothing was selected and of the asymmetric unit;
///   cutoff (angstrom), gamma, modes_requested, zero_modes, method_version: one number each;
///   parameters (P, 2), name and value of every parameter as text.
/// It ends at 4 GB, as the zip format does.
Written write_npz(std::ostream& out, const EntryModes& entry);

/// Which modes move the structure, and how far.
struct Motion {
  std::vector<int> modes = {1};  ///< from 1, the softest; each once
  double amplitude = 2;          ///< RMSD of the extremes from the structure, angstrom
};

/// What stands in the column of B factors: those of the file, or how far the mode moves the node
/// from the structure to an extreme, in angstrom.
enum class BColumn { file, displacement };

/// Of each mode a loop through the structure, the mode's one extreme, the structure, and the other
/// extreme.
struct Animation {
  Motion motion;
  int frames = 20;  ///< of each mode, a multiple of four, so that structure and extremes are frames
  BColumn b_column = BColumn::file;
};

/// One PDB model a frame, mode after mode, displaced by amplitude * sqrt(N) * sin(2 pi frame /
/// frames) times the unit eigenvector; CONECT records along the chains. PDB format has one
/// character for a chain: longer names get a free one, which REMARK 999 says. A B factor that the
/// file does not state is blank. Where a residue has no number those of its chain are counted from
/// 1, without insertion codes, which REMARK 999 says, too. It holds no more than 99,999 nodes, 62
/// chains and 9,999 models, residue names of three characters, and numbers and coordinates as long
/// as its columns. The modes of a GNM, which have no directions, are refused.
Written write_pdb_animation(std::ostream& out, const EntryModes& entry, const Animation& animation);

/// A script of PyMOL's commands: the nodes as an object, its core, its hinges and, of each mode, an
/// object of arrows from the structure to the mode's first extreme. Arrows shorter than the trace
/// is thick are left out. Everything is in the script, in the coordinates of the file. Holds and
/// refuses what `write_pdb_animation` does.
Written write_pml(std::ostream& out, const EntryModes& entry, const Motion& motion);

/// The same as ChimeraX commands: markers for the nodes, cones for the arrows. No limits but the
/// directions.
Written write_cxc(std::ostream& out, const EntryModes& entry, const Motion& motion);

/// One line a node, tab-separated, 12 significant digits: what `residue_column_help` lists.
void write_residues_tsv(std::ostream& out, const EntryModes& entry, bool with_header);

/// The same with commas instead, and quotes around what has one in it.
void write_residues_csv(std::ostream& out, const EntryModes& entry, bool with_header);

/// The same as one JSON object a line.
void write_residues_jsonl(std::ostream& out, const EntryModes& entry);

/// The columns of both and what they are, a line each.
std::string residue_column_help();

}  // namespace modesweep
