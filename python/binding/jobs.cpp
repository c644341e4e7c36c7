// SPDX-License-Identifier: MIT
// The jobs of the program, each a Task.
#include <pybind11/stl.h>

#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

#include <modesweep/comparison.hpp>
#include <modesweep/entries.hpp>
#include <modesweep/modes_job.hpp>
#include <modesweep/pdb_id.hpp>
#include <modesweep/rank_job.hpp>

#include "arrays.hpp"
#include "binding.hpp"
#include "error.hpp"
#include "options.hpp"
#include "task.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace modesweep::python {
namespace {

using TaskPointer = std::unique_ptr<Task>;
using Names = std::vector<std::string>;

[[noreturn]] void refuse(const std::string& message) { throw RunError(Cause::request, message); }

std::string normal_id(const std::string& text) {
  const std::optional<std::string> id = normalise_pdb_id(text);
  if (!id) refuse("\"" + text + "\" is no entry ID such as 1UBI");
  return *id;
}

/// How files and services are reached: names of the fields below, each empty unless given.
void apply_access(const std::map<std::string, Names>& access, Access& to) {
  const auto list = [&](const char* name) {
    const auto found = access.find(name);
    return found == access.end() ? Names() : found->second;
  };
  const auto text = [&](const char* name) {
    const Names words = list(name);
    return words.empty() ? std::string() : words.front();
  };
  for (const std::string& folder : list("mirrors")) to.store.mirrors.emplace_back(folder);
  to.store.url_templates = list("download_url");
  to.http.offline = !text("offline").empty();
  to.ncbi.email = text("email");
  to.ncbi.api_key = text("api_key");
  if (const std::string url = text("ncbi_url"); !url.empty()) to.ncbi.base_url = url;
  if (const std::string url = text("rcsb_url"); !url.empty()) to.rcsb.url = url;
}

py::object value_of_column(const Value& value) {
  return std::visit(
      [](const auto& content) -> py::object {
        if constexpr (std::is_same_v<std::decay_t<decltype(content)>, std::monostate>)
          return py::none();
        else
          return py::cast(content);
      },
      value);
}

py::dict dict_of(const LeftOut& entry) {
  py::dict result;
  result["id"] = entry.id;
  result["file"] = entry.file.string();
  result["stage"] = std::string(to_string(entry.failure.stage));
  result["code"] = entry.failure.code;
  result["message"] = entry.failure.message;
  return result;
}

py::object finish_ranking(const RankResult& result, const std::vector<Column>& columns) {
  py::list rows, left_out;
  std::int64_t rank = 0;
  result.rows->for_each([&](const Row& row) {
    ++rank;
    py::dict cells;
    for (const Column& column : columns)
      cells[py::str(column.name)] = value_of_column(column.get(row, rank, column.index));
    rows.append(cells);
  });
  result.left_out([&](const LeftOut& entry) { left_out.append(dict_of(entry)); });
  py::list names;
  for (const Column& column : columns) names.append(column.name);
  return py::make_tuple(names, rows, left_out);
}

/// What `rank` takes besides parameters.
struct Choices {
  std::string where, sort;
  bool unique = false;
  std::size_t top = 0;
  Names columns;
};

std::vector<Column> apply_choices(const Choices& choices, RankRequest& request) {
  RowOrder& order = request.order;
  const bool core = request.model.core;
  std::vector<Column> columns = core ? default_core_columns() : default_columns();
  if (!choices.columns.empty()) columns.clear();
  for (const std::string& name : choices.columns) columns.push_back(find_column(name));
  for (const Column& column : columns) ask_for(column.needs, request.model);
  order.unique = choices.unique;
  order.top = choices.top;
  order.percentiles = core;
  if (!choices.sort.empty()) order.column = find_column(choices.sort);
  if (choices.sort.empty() && core) order.column = find_column("fv1_core");
  if (!choices.where.empty()) {
    auto condition = parse_condition(choices.where, core ? Judged::core : Judged::whole);
    if (!condition) refuse("the condition: " + condition.error());
    order.where = *std::move(condition);
  }
  ask_for(order, request.model);
  return columns;
}

TaskPointer rank(const std::string& source, const Names& entries, const Settings& settings,
                 const std::map<std::string, Names>& access, const Choices& choices, int threads,
                 bool result_cache, const std::string& run) {
  RankRequest request = request_of(settings);
  apply_access(access, request.access);
  request.machine.threads = threads;
  request.machine.result_cache = result_cache;
  request.run = run;
  request.input.source = source == "ids" ? Source::ids : Source::files;
  if (request.input.source == Source::files)
    request.input.files.assign(entries.begin(), entries.end());
  else
    for (const std::string& id : entries) request.input.ids.push_back(normal_id(id));
  std::vector<Column> columns = apply_choices(choices, request);
  return std::make_unique<Task>([request = std::move(request), columns = std::move(columns)](
                                    Reporter& reporter, const CancelToken& cancel) {
    RankJob job(request, reporter, cancel);
    auto result = std::make_shared<RankResult>(job.run());
    return [result, columns] { return finish_ranking(*result, columns); };
  });
}

TaskPointer search(const std::string& term, const std::string& source,
                   std::optional<std::int64_t> retmax, const std::map<std::string, Names>& access) {
  RankRequest request = request_of({{"source", source}});
  apply_access(access, request.access);
  request.input.term = term;
  request.input.retmax = retmax;
  return std::make_unique<Task>([request](Reporter& reporter, const CancelToken& cancel) {
    const SearchResult found = search_service(request.input, request.access, reporter, cancel);
    return [found] { return py::object(py::cast(found.ids)); };
  });
}

TaskPointer fetch(const Names& ids, const std::string& format,
                  const std::map<std::string, Names>& access) {
  RankRequest request = request_of({{"source", "ids"}, {"file_format", format}});
  apply_access(access, request.access);
  Names normal;
  for (const std::string& id : ids) normal.push_back(normal_id(id));
  return std::make_unique<Task>([request, normal](Reporter& reporter, const CancelToken& cancel) {
    auto files = std::make_shared<std::map<std::string, Outcome<StoredFile>>>();
    reporter.begin_stage("files", normal.size());
    make_structure_store(request.access.store, request.access.http, reporter, cancel)
        ->fetch(normal, [&](std::size_t index, Outcome<StoredFile> file) {
          files->insert_or_assign(normal[index], std::move(file));
          reporter.advance(1);
        });
    return [files, normal] {
      py::dict result;
      for (const std::string& id : normal) {
        const Outcome<StoredFile>& file = files->at(id);
        result[py::str(id)] =
            file ? py::object(py::str(file->path.string())) : error_of(file.error());
      }
      return py::object(result);
    };
  });
}

py::array_t<double> matrix_of(const std::vector<std::vector<double>>& rows) {
  const std::size_t width = rows.empty() ? 0 : rows.front().size();
  py::array_t<double> matrix(std::vector<py::ssize_t>{static_cast<py::ssize_t>(rows.size()),
                                                      static_cast<py::ssize_t>(width)});
  double* to = matrix.mutable_data();
  for (const std::vector<double>& row : rows) to = std::copy(row.begin(), row.end(), to);
  return matrix;
}

py::object finish_comparison(const Comparison& comparison) {
  std::ostringstream table;
  write_comparison_table(table, comparison);
  py::dict parts;
  parts["first"] = comparison.first;
  parts["second"] = comparison.second;
  parts["first_nodes"] = comparison.first_nodes;
  parts["second_nodes"] = comparison.second_nodes;
  parts["matched"] = comparison.matched;
  parts["identity"] = comparison.identity;
  parts["rmsd"] = comparison.rmsd;
  parts["first_eigenvalues"] = py::array(py::cast(comparison.first_eigenvalues));
  parts["second_eigenvalues"] = py::array(py::cast(comparison.second_eigenvalues));
  parts["overlaps"] = matrix_of(comparison.overlaps);
  parts["first_deformation"] = py::array(py::cast(comparison.first_deformation));
  parts["second_deformation"] = py::array(py::cast(comparison.second_deformation));
  parts["first_cumulative"] = py::array(py::cast(comparison.first_cumulative));
  parts["second_cumulative"] = py::array(py::cast(comparison.second_cumulative));
  parts["rmsip10"] = py::cast(comparison.rmsip10);
  parts["rmsip"] = comparison.rmsip;
  parts["table"] = table.str();
  return parts;
}

/// A structure as (path or empty, ID or empty, chains).
using Named = std::tuple<std::string, std::string, Names>;

StructureInput input_of(const Named& named) {
  const auto& [file, id, chains] = named;
  return {id.empty() ? std::string() : normal_id(id), file, chains};
}

TaskPointer compare(const Named& first, const Named& second, const Settings& settings, int threads,
                    const std::map<std::string, Names>& access) {
  const RankRequest request = request_of(settings);
  ModesRequest modes{
      {input_of(first), input_of(second)}, request.access, request.model, request.machine};
  apply_access(access, modes.access);
  modes.machine.backend = Backend::cpu;
  modes.machine.threads = threads;
  return std::make_unique<Task>([modes](Reporter& reporter, const CancelToken& cancel) {
    std::vector<EntryModes> solved;
    std::optional<Failure> failure;
    const std::size_t through =
        ModesJob(modes, reporter, cancel).run([&](std::size_t, Outcome<EntryModes> entry) {
          if (entry)
            solved.push_back(*std::move(entry));
          else if (!failure)
            failure = entry.error();
        });
    if (!failure && through < modes.inputs.size()) throw Cancelled();
    std::optional<Comparison> comparison;
    if (!failure) {
      auto compared = compare_modes(solved[0], solved[1]);
      if (compared)
        comparison = *std::move(compared);
      else
        failure = Failure{Stage::rank, "no_match", compared.error()};
    }
    return [comparison, failure] {
      return failure ? error_of(*failure) : finish_comparison(*comparison);
    };
  });
}

}  // namespace

void bind_jobs(py::module_& module) {
  py::class_<Task>(module, "Task")
      .def("wait", &Task::wait, "seconds"_a)
      .def("progress", &Task::progress)
      .def("messages", &Task::messages)
      .def("result", &Task::result)
      .def("cancel", &Task::cancel);
  module.def(
      "rank",
      [](const std::string& source, const Names& entries, const Settings& settings,
         const std::map<std::string, Names>& access, const std::string& where,
         const std::string& sort, bool unique, std::size_t top, const Names& columns, int threads,
         bool result_cache, const std::string& run) {
        return rank(source, entries, settings, access, {where, sort, unique, top, columns}, threads,
                    result_cache, run);
      },
      "source"_a, "entries"_a, "settings"_a, "access"_a, "where"_a, "sort"_a, "unique"_a, "top"_a,
      "columns"_a, "threads"_a, "result_cache"_a, "run"_a);
  module.def("normal_id", &normalise_pdb_id, "text"_a);
  module.def("search", &search, "term"_a, "source"_a, "retmax"_a, "access"_a);
  module.def("fetch", &fetch, "ids"_a, "format"_a, "access"_a);
  module.def("compare", &compare, "first"_a, "second"_a, "settings"_a, "threads"_a, "access"_a);
}

}  // namespace modesweep::python
