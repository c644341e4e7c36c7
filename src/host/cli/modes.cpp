// SPDX-License-Identifier: MIT
// The command `modes`: the modes of each entry in the formats of other programs.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <modesweep/mode_files.hpp>
#include <modesweep/modes_job.hpp>
#include <modesweep/properties.hpp>

#include "base/closest.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/help_texts.hpp"
#include "cli/interrupt.hpp"
#include "cli/option_groups.hpp"
#include "cli/output_file.hpp"
#include "cli/output_set.hpp"
#include "cli/output_stream.hpp"
#include "cli/parse.hpp"

namespace modesweep::cli {
namespace {

constexpr const char* notes =
    R"(Formats:
  nmd    for VMD's NMWiz and ProDy's parseNMD: three decimals, for looking at
  npz    the record: numpy.load reads coordinates, eigenvalues, eigenvectors,
         residues and parameters without pickle
  pdb    an animation along modes for PyMOL and ChimeraX: of each a loop that
         starts and ends at the structure
  pml    a script for PyMOL: arrows along modes, core and hinges in colour
  cxc    the same for ChimeraX (not tried in ChimeraX itself)
  tsv, csv, jsonl
         numbers of each residue (below)
Without -o, or with -o -, these go to standard output, in one table. With several
inputs -o names a folder, where each entry gets a file of each format (npz
where none is named).

What a file does not state, be it B factors or residue numbers, is empty in tsv, csv
and jsonl, and in npz NaN or the least int64. nmd leaves out the line that would lack a
value; pdb and pml leave B factors blank and count such a chain from 1.

Of each eigenvector the component of the largest absolute value is positive; of
several that are as large (to 1e-6 of it), the first. Modes whose eigenvalues
differ by less than 1e-6 of the larger one are degenerate: only the space that
they span has a meaning. Eigenvalues are in the unit of gamma, square
fluctuations in k_B T over it, over the modes computed alone.)";

enum class ModesFormat { nmd, npz, pdb, pml, cxc, tsv, csv, jsonl };
/// The name of each is also the ending of its files.
constexpr std::array<std::pair<ModesFormat, std::string_view>, 8> modes_formats = {
    {{ModesFormat::nmd, "nmd"},
     {ModesFormat::npz, "npz"},
     {ModesFormat::pdb, "pdb"},
     {ModesFormat::pml, "pml"},
     {ModesFormat::cxc, "cxc"},
     {ModesFormat::tsv, "tsv"},
     {ModesFormat::csv, "csv"},
     {ModesFormat::jsonl, "jsonl"}}};

struct ModesOptions {
  std::vector<StructureInput> inputs;  ///< a file may be a folder of them
  Access access;
  Model model;
  Machine machine;
  std::vector<ModesFormat> formats;  ///< empty: by the ending of `output`, or the default
  std::filesystem::path output;      ///< file or folder; empty: standard output
  Animation animation;
  bool strict = false;
};

/// Where everything goes: to a file, to a folder, or, where both are empty, to standard output.
struct Destination {
  std::vector<ModesFormat> formats;
  std::filesystem::path file;
  std::filesystem::path folder;

  std::filesystem::path path_of(const StructureInput& entry, ModesFormat format) const;
};

/// Keeps a file that cannot be in its format from appearing.
struct NotWritten {
  std::string reason;
};

std::string_view name_of(ModesFormat format) {
  return std::find_if(modes_formats.begin(), modes_formats.end(),
                      [&](const auto& known) { return known.first == format; })
      ->second;
}

bool is_table(ModesFormat format) {
  return format == ModesFormat::tsv || format == ModesFormat::csv || format == ModesFormat::jsonl;
}

std::optional<ModesFormat> format_of_ending(const std::filesystem::path& path) {
  const std::string ending = path.extension().string();
  if (ending == ".ndjson") return ModesFormat::jsonl;
  for (const auto& [format, name] : modes_formats)
    if (ending == "." + std::string(name)) return format;
  return std::nullopt;
}

std::filesystem::path Destination::path_of(const StructureInput& entry, ModesFormat format) const {
  if (!file.empty()) return file;
  return folder / fmt::format("{}.{}", entry.name(), name_of(format));
}

std::vector<std::string> endings() {
  std::vector<std::string> all;
  for (const auto& [format, name] : modes_formats) all.push_back("." + std::string(name));
  return all;
}

Destination choose_destination(const ModesOptions& options, std::size_t entries) {
  Destination to{options.formats, {}, {}};
  if (options.output.empty()) {
    if (to.formats.empty()) to.formats = {ModesFormat::tsv};
    if (to.formats.size() > 1) usage("several formats need files: name a folder with -o");
    if (!is_table(to.formats[0]))
      usage(fmt::format("{} is written to a file: name it with -o", name_of(to.formats[0])));
    return to;
  }
  const std::optional<ModesFormat> by_ending = format_of_ending(options.output);
  std::error_code error;
  if (std::filesystem::is_directory(options.output, error) || !options.output.has_filename()) {
    to.folder = options.output;
  } else if (entries <= 1 && to.formats.size() <= 1) {
    to.file = options.output;
    if (to.formats.empty() && !by_ending)
      usage(fmt::format("{} has the ending of no format{} (--format names one)",
                        options.output.string(),
                        did_you_mean(options.output.extension().string(), endings())));
    if (to.formats.empty()) to.formats = {*by_ending};
    return to;
  } else {
    if (by_ending)
      usage(
          fmt::format("with several inputs or formats -o names a folder, and {} looks like a "
                      "file (without -o, tsv, csv and jsonl are one table on standard output)",
                      options.output.string()));
    to.folder = options.output;
  }
  if (to.formats.empty()) to.formats = {ModesFormat::npz};
  return to;
}

/// No entry may take the place of another.
void check_names(const Destination& to, const std::vector<StructureInput>& entries) {
  std::map<std::filesystem::path, const StructureInput*> owners;
  for (const StructureInput& entry : entries) {
    const std::filesystem::path path = to.path_of(entry, to.formats[0]);
    const auto [owner, fresh] = owners.emplace(path, &entry);
    if (!fresh)
      usage(fmt::format("two inputs would both be written to {}: {} and {}", path.string(),
                        owner->second->source(), entry.source()));
  }
}

/// Makes the folder where there is none. Whether files can be made in it.
bool takes_entries(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) cannot_write({error, folder.string()});
  try {
    return takes_new_files(folder);
  } catch (const std::system_error& failure) {
    cannot_write(failure);
  }
}

/// Where all goes that is not printed. Nothing is computed for a file or a folder that cannot be
/// written.
OutputSet outputs_of(const Destination& to, const std::vector<StructureInput>& entries) {
  OutputSet outputs;
  check_writable(to.file);
  outputs.add("-o", to.file);
  if (to.folder.empty()) return outputs;
  check_names(to, entries);
  const bool may_be_new = takes_entries(to.folder);
  for (const StructureInput& entry : entries)
    for (const ModesFormat format : to.formats) try {
        const std::filesystem::path path = to.path_of(entry, format);
        outputs.add("-o", path);
        if (!may_be_new) check_writable(path);
      } catch (const std::system_error&) {
        // A name that cannot be costs this entry alone, when it comes to be written.
      }
  return outputs;
}

void check_destination(const ModesOptions& options, const Destination& to,
                       const std::vector<StructureInput>& entries, const Call& call) {
  const OutputSet outputs = outputs_of(to, entries);
  outputs.check_flags(call);
  outputs.check_store(options.access.store);
  for (const StructureInput& entry : entries) outputs.check_input(entry.file);
}

/// Whether the disk would take no other file either.
bool is_of_disk(const std::error_code& error) {
  return error == std::errc::no_space_on_device || error == std::errc::io_error ||
         error.value() == EDQUOT;
}

Written write_as(ModesFormat format, std::ostream& out, const EntryModes& modes,
                 const Animation& animation, bool first) {
  switch (format) {
    case ModesFormat::nmd: return write_nmd(out, modes);
    case ModesFormat::npz: return write_npz(out, modes);
    case ModesFormat::pdb: return write_pdb_animation(out, modes, animation);
    case ModesFormat::pml: return write_pml(out, modes, animation.motion);
    case ModesFormat::cxc: return write_cxc(out, modes, animation.motion);
    case ModesFormat::tsv: write_residues_tsv(out, modes, first); break;
    case ModesFormat::csv: write_residues_csv(out, modes, first); break;
    case ModesFormat::jsonl: write_residues_jsonl(out, modes); break;
  }
  return {};
}

/// The first failure, once all formats were tried. `first`: nothing went to standard output before.
Written write(const EntryModes& modes, const StructureInput& entry, const Destination& to,
              const Animation& animation, bool first) {
  const bool to_files = !to.file.empty() || !to.folder.empty();
  Written result;
  for (const ModesFormat format : to.formats) {
    const Write write_entry = [&](std::ostream& out) {
      if (Written written = write_as(format, out, modes, animation, to_files || first); !written)
        throw NotWritten{std::move(written.error())};
    };
    try {
      if (to_files)
        write_file(to.path_of(entry, format), write_entry);
      else
        print(write_entry);
    } catch (NotWritten& unwritten) {
      if (result) result = Written(tl::unexpected(std::move(unwritten.reason)));
    } catch (const std::system_error& error) {
      if (to.folder.empty() || is_of_disk(error.code())) cannot_write(error);
      if (result) result = Written(tl::unexpected(fmt::format("not written: {}", error.what())));
    }
  }
  return result;
}

/// What a user must know before believing single modes.
void report_doubts(const std::string& name, const EntryModes& entry, Reporter& reporter) {
  const Modes& modes = entry.modes;
  const std::string groups = to_string(degenerate_modes(modes.eigenvalues));
  if (!groups.empty())
    reporter.info(
        fmt::format("{}: modes {} are degenerate: only the space that each group spans has a "
                    "meaning",
                    name, groups));
  if (modes.uncertain_zero)
    reporter.info(
        fmt::format("{}: an eigenvalue lies within its error of 1e-6, the border of zero", name));
  if (static_cast<int>(modes.eigenvalues.size()) < entry.model.modes)
    reporter.info(fmt::format("{}: {}, fewer than the {} asked for", name,
                              counted(std::ssize(modes.eigenvalues), "mode"), entry.model.modes));
}

int run(const ModesOptions& options, const Call& call, Reporter& reporter) {
  const std::vector<StructureInput> inputs = list_structures(options.inputs, reporter);
  const Destination to = choose_destination(options, inputs.size());
  check_destination(options, to, inputs, call);

  std::size_t written = 0, failed = 0, not_downloaded = 0;
  Model model = options.model;
  model.hinges = model.network.model == ElasticModel::anm &&
                 std::ranges::any_of(to.formats, [](ModesFormat format) {
                   return format == ModesFormat::pml || format == ModesFormat::cxc;
                 });
  ModesJob job({inputs, options.access, model, options.machine}, reporter, call.cancel);
  job.run([&](std::size_t input, Outcome<EntryModes> modes) {
    if (modes && options.model.core) modes = core_of(*std::move(modes));
    const StructureInput& entry = inputs[input];
    if (!modes) not_downloaded += modes.error().stage == Stage::download;
    const Written done = modes ? write(*modes, entry, to, options.animation, written == 0)
                               : tl::unexpected(modes.error().message);
    if (done) {
      ++written;
      report_doubts(entry.name(), *modes, reporter);
    } else {
      ++failed;
      reporter.warning(fmt::format("{}: {}", entry.name(), done.error()));
    }
  });
  if (written + failed < inputs.size()) return interrupt_exit_code();
  if (2 * not_downloaded > inputs.size()) return static_cast<int>(ExitCode::unavailable);
  if (written == 0) return static_cast<int>(ExitCode::nothing_to_rank);
  return static_cast<int>(options.strict && failed > 0 ? ExitCode::entries_failed : ExitCode::ok);
}

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  names.reserve(modes_formats.size());
  for (const auto& [format, name] : modes_formats) names.emplace_back(name);
  return names;
}

ModesFormat parse_format(std::string_view name) {
  for (const auto& [format, text] : modes_formats)
    if (name == text) return format;
  usage(fmt::format("--format takes {}, not \"{}\"{}", fmt::join(format_names(), ", "), name,
                    did_you_mean(name, format_names())));
}

/// Inputs of all kinds, each once.
struct TypedInputs {
  std::vector<StructureInput> structures;
  std::vector<std::string> ids;
  std::vector<std::filesystem::path> files;

  std::vector<StructureInput> all() const {
    std::vector<StructureInput> all;
    const auto add = [&](StructureInput input) {
      if (std::find(all.begin(), all.end(), input) == all.end()) all.push_back(std::move(input));
    };
    for (const StructureInput& structure : structures) add(structure);
    for (const std::string& id : ids) add({id, {}, {}});
    for (const std::filesystem::path& file : files) add({{}, file, {}});
    return all;
  }
};

void add_inputs(const Flags& flags, ModesOptions& options) {
  const auto typed = std::make_shared<TypedInputs>();
  const Flags group = flags.in("Input (one at least)");
  group.convert(
      "INPUT", std::vector<std::string>(),
      [typed](const std::vector<std::string>& words) {
        for (const std::string& word : words) typed->structures.push_back(parse_structure(word));
      },
      "entry IDs (1UBI, pdb_00001ubi), structure files and folders of them (./1UBI "
      "for one that has the name of an entry); each may name chains: 1AKE:A");
  add_lists(group, typed->ids, typed->files);
  group.then([typed, &options] {
    options.inputs = typed->all();
    if (options.inputs.empty())
      usage("nothing to compute: give entry IDs or files (see modesweep modes --help)");
  });
}

/// "1,2,3".
std::vector<int> parse_modes(std::string_view list) {
  std::vector<int> modes;
  for (const std::string& word : split(list, ',')) {
    const std::optional<std::int64_t> mode = whole_number(trimmed(word), 1, 10000);
    if (!mode) usage(fmt::format("--mode: {} is not a whole number from 1 to 10000", word));
    if (std::ranges::find(modes, *mode) != modes.end())
      usage(fmt::format("--mode names mode {} twice", *mode));
    modes.push_back(static_cast<int>(*mode));
  }
  if (modes.empty()) usage("--mode names no mode");
  return modes;
}

/// What moves, in pdb, pml and cxc.
void add_animation(const Flags& group, Animation& animation) {
  group.convert(
      "--mode", std::string("1"),
      [&animation](const std::string& list) { animation.motion.modes = parse_modes(list); },
      "of pdb, pml, cxc: the mode to show, 1 being the softest, or several such as 1,2,3",
      {named("N,..."), shows_default});
  group.option("--amplitude", animation.motion.amplitude,
               "of pdb, pml, cxc: RMSD of the extremes from the structure, in angstrom; arrows end "
               "at the first one",
               {between(0.001, 1000.0), shows_default});
  group.convert("--frames", animation.frames,
                [&animation](int frames) {
                  if (frames % 4 != 0)
                    usage(fmt::format(
                        "--frames takes a multiple of four, not {}: structure and extremes are "
                        "to be among them",
                        frames));
                  animation.frames = frames;
                },
                "of pdb: models of each mode, a multiple of four so that the extremes are among "
                "them",
                {between(4, 9996), shows_default});
  group.choice<BColumn>("--b-column", animation.b_column,
                        {{"file", BColumn::file}, {"displacement", BColumn::displacement}},
                        "of pdb: the B factors of the file, or how far each residue is displaced "
                        "at the extremes, in angstrom",
                        {shows_default});
}

void add_outputs(const Flags& flags, ModesOptions& options) {
  const Flags group = flags.in(output_group);
  group.words("FORMAT", format_names());
  group.convert("--format", std::string(),
                [&options](const std::string& list) {
                  for (const std::string& name : split(list, ','))
                    options.formats.push_back(parse_format(trimmed(name)));
                },
                "nmd, npz, pdb, pml, cxc, tsv, csv, jsonl, or several of them such as nmd,npz "
                "(else by the ending of -o; see below)",
                {named("FORMAT,...")});
  group.option("-o,--output", options.output,
               "file to write (- is standard output); with several inputs or formats, a folder",
               {named("PATH")});
  group.then([&options] {
    if (options.output != "-") return;
    // What is no table is written there as to a file, where it was asked for by its name.
    const bool is_file = options.formats.size() == 1 && !is_table(options.formats[0]);
    options.output = is_file ? "/dev/stdout" : "";
  });
  add_animation(group, options.animation);
}

void check_chains(const ModesOptions& options) {
  const bool has_chains = !options.model.read.chains.empty();
  for (const StructureInput& input : options.inputs)
    if (has_chains && !input.chains.empty())
      usage("name chains with the input or with --chains, not with both");
}

Run add(const Flags& flags) {
  const auto options = std::make_shared<ModesOptions>();
  flags.footer(fmt::format("{}\n\nColumns of tsv, csv and jsonl:{}\n\n{}", notes,
                           residue_column_help(), citations));
  add_inputs(flags, *options);
  add_model(flags, options->model);
  flags.in(model_group)
      .flag("--core", options->model.core,
            "the modes of the network's 20-core: its residues alone, without loose ends");
  add_cpu_solver(flags, options->machine);
  add_limits(flags, options->machine);
  add_outputs(flags, *options);
  add_strict(flags, options->strict);
  add_store(flags, options->access.store);
  add_connection(flags, options->access.http);
  flags.common();
  flags.then([options] {
    check_chains(*options);
    if (options->model.core && options->model.network.model == ElasticModel::gnm)
      usage(core_of_gnm);
  });
  return [options](const Call& call, Reporter& reporter) { return run(*options, call, reporter); };
}

}  // namespace

Command modes_command() {
  return {"modes", "write the modes of structures, for ProDy, VMD, PyMOL, ChimeraX, pandas", add};
}

}  // namespace modesweep::cli
