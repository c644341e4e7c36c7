// SPDX-License-Identifier: MIT
// The command `modes`: the modes of each entry in the formats of other programs.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include <modesweep/mode_files.hpp>
#include <modesweep/modes_job.hpp>
#include <modesweep/properties.hpp>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/interrupt.hpp"
#include "cli/output_stream.hpp"

namespace modesweep::cli {
namespace {

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

[[noreturn]] void usage(const std::string& message) { throw RunError(Cause::request, message); }

std::string_view name_of(ModesFormat format) {
  return std::find_if(modes_formats.begin(), modes_formats.end(),
                      [&](const auto& known) { return known.first == format; })
      ->second;
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

Destination choose_destination(const ModesOptions& options, std::size_t entries) {
  Destination to{options.formats, {}, {}};
  if (options.output.empty()) {
    if (to.formats.empty()) to.formats = {ModesFormat::tsv};
    if (to.formats.size() > 1) usage("several formats need files: name a folder with -o");
    if (to.formats[0] != ModesFormat::tsv && to.formats[0] != ModesFormat::jsonl)
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
      usage(fmt::format("{} has the ending of no format: name one with --format",
                        options.output.string()));
    if (to.formats.empty()) to.formats = {*by_ending};
    return to;
  } else {
    if (by_ending)
      usage(
          fmt::format("with several inputs or formats -o names a folder, and {} looks like a "
                      "file (without -o, tsv and jsonl are one table on standard output)",
                      options.output.string()));
    to.folder = options.output;
  }
  if (to.formats.empty()) to.formats = {ModesFormat::npz};
  return to;
}

/// No entry may take the place of another, and nothing be computed for a name that cannot be
/// written.
void check_destination(const Destination& to, const std::vector<StructureInput>& entries) {
  if (!to.folder.empty()) {
    std::error_code error;
    std::filesystem::create_directories(to.folder, error);
    if (error) cannot_write({error, to.folder.string()});
  }
  if (to.folder.empty() && to.file.empty()) return;
  std::map<std::filesystem::path, const StructureInput*> owners;
  for (const StructureInput& entry : entries) {
    const std::filesystem::path path = to.path_of(entry, to.formats[0]);
    const auto [owner, fresh] = owners.emplace(path, &entry);
    if (!fresh)
      usage(fmt::format("two inputs would both be written to {}: {} and {}", path.string(),
                        owner->second->source(), entry.source()));
  }
  if (!entries.empty()) check_writable(to.path_of(entries.front(), to.formats[0]));
}

Written write_as(ModesFormat format, std::ostream& out, const EntryModes& modes,
                 const Animation& animation, bool first) {
  switch (format) {
    case ModesFormat::nmd: return write_nmd(out, modes);
    case ModesFormat::npz: return write_npz(out, modes);
    case ModesFormat::pdb: return write_pdb_animation(out, modes, animation);
    case ModesFormat::tsv: write_residues_tsv(out, modes, first); break;
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
      cannot_write(error);
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
    reporter.info(fmt::format("{}: there are {} modes, fewer than the {} asked for", name,
                              modes.eigenvalues.size(), entry.model.modes));
}

}  // namespace

int run_modes(const Arguments& arguments, Reporter& reporter) {
  const ModesOptions& options = arguments.modes;
  const std::vector<StructureInput> inputs = list_structures(options.inputs, reporter);
  const Destination to = choose_destination(options, inputs.size());
  check_destination(to, inputs);

  std::size_t written = 0, failed = 0, not_downloaded = 0;
  ModesJob job({inputs, arguments.access, arguments.model, arguments.machine}, reporter,
               arguments.cancel);
  job.run([&](std::size_t input, Outcome<EntryModes> modes) {
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
  return static_cast<int>(arguments.output.strict && failed > 0 ? ExitCode::entries_failed
                                                                : ExitCode::ok);
}

}  // namespace modesweep::cli
