// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>

#include <modesweep/report.hpp>
#include <modesweep/version.hpp>
#include <modesweep/writers.hpp>

#include "base/input_file.hpp"
#include "report/page_parts.hpp"

namespace modesweep {
namespace {

using Json = nlohmann::ordered_json;

/// JSON inside of an element: no `<` can end it.
std::string escaped(std::string_view json) {
  std::string text;
  for (const char c : json)
    if (c == '<')
      text += "\\u003c";
    else
      text += c;
  return text;
}

std::string escaped_dump(const Json& json) {
  return escaped(json.dump(-1, ' ', true, Json::error_handler_t::replace));
}

/// A script inside of an element. Both sequences stand in strings, patterns or comments alone,
/// where a backslash more means the same.
std::string script_text(std::string_view script) {
  std::string text;
  for (std::size_t i = 0; i < script.size(); ++i) {
    text += script[i];
    if (script[i] == '<' &&
        (script.substr(i + 1, 7) == "/script" || script.substr(i + 1, 3) == "!--"))
      text += '\\';
  }
  return text;
}

/// The columns of the page's table.
std::vector<std::string> columns_shown(const Ranking& ranking, bool core) {
  std::vector<std::string> names;
  for (const Column& column : core ? table_core_columns() : table_columns()) {
    if (column.name == "notes") {
      names.emplace_back("bfactor_corr");
      if (std::any_of(ranking.rows.begin(), ranking.rows.end(),
                      [](const Row& row) { return row.plddt_mean.has_value(); }))
        names.emplace_back("plddt_mean");
      for (const Column& all : known_columns())
        if (all.needs == Need::all_modes && !ranking.rows.empty() &&
            !std::holds_alternative<std::monostate>(all.get(ranking.rows.front(), 1, all.index)))
          names.push_back(all.name);
    }
    names.push_back(column.name);
  }
  return names;
}

Json about(const ReportContent& content) {
  Json about;
  about["version"] = version;
  about["command"] = content.command;
  about["date"] = content.date;
  for (const auto& [name, pairs] :
       {std::pair{"origin", &content.origin}, std::pair{"parameters", &content.parameters}}) {
    about[name] = Json::array();
    for (const auto& [key, value] : *pairs) about[name].push_back({key, value});
  }
  for (const Column& column : known_columns()) about["columns"][column.name] = column.help;
  about["shown"] = columns_shown(content.ranking, content.core);
  about["core"] = content.core;
  about["local_collectivity"] = local_collectivity;
  about["nulls"] = Json::array();
  for (const auto& null : content.nulls)
    about["nulls"].push_back(null ? Json{{"networks", null->networks},
                                         {"mean_share", null->mean_share},
                                         {"z", null->z},
                                         {"error", null->error}}
                                  : Json{{"missing", null.error()}});
  about["failures"] = Json::array();
  for (const LeftOut& entry : content.ranking.left_out)
    about["failures"].push_back({entry.id, entry.file.string(), to_string(entry.failure.stage),
                                 entry.failure.code, entry.failure.message});
  about["libraries"] = Json::array();
  for (const ReportLibrary& library : content.libraries)
    about["libraries"].push_back(
        {{"name", library.name}, {"version", library.version}, {"licence", library.licence}});
  return about;
}

/// Rows are lines of JSON, as `rank --format jsonl` has them. Shapes stand alone, so that the page
/// reads those that are looked at.
void write_data(std::ostream& out, const ReportContent& content) {
  out << "<script type=\"application/json\" id=\"about\">" << escaped_dump(about(content))
      << "</script>\n<script type=\"application/x-ndjson\" id=\"rows\">\n";
  std::ostringstream rows;
  std::vector<Column> columns = known_columns();
  for (Column& column : columns)
    if (column.name == "notes") column = notes_column(content.core ? Judged::core : Judged::whole);
  write_jsonl(rows, content.ranking.rows, columns);
  out << escaped(rows.view()) << "</script>\n";
  for (std::size_t i = 0; i < content.shapes.size(); ++i) {
    const PackedShape& shape = content.shapes[i];
    out << fmt::format("<script type=\"application/json\" id=\"shape-{}\">", i)
        << (shape ? escaped(*shape) : escaped_dump(Json{{"missing", shape.error()}}))
        << "</script>\n";
  }
}

std::string read_text(const std::filesystem::path& path) {
  constexpr std::size_t most_bytes = std::size_t{64} << 20;
  return read_input(path, most_bytes).value_or(std::string());
}

}  // namespace

std::vector<ReportLibrary> read_report_libraries(const std::filesystem::path& folder) {
  std::vector<ReportLibrary> libraries;
  // Plot is built on d3.
  for (const char* name : {"d3", "plot", "3dmol"}) {
    ReportLibrary library{name, read_text(folder / name / "VERSION"),
                          read_text(folder / name / "LICENSE"),
                          read_text(folder / name / "library.js")};
    library.version.erase(library.version.find_last_not_of(" \r\n") + 1);
    if (!library.script.empty()) libraries.push_back(std::move(library));
  }
  return libraries;
}

void write_report(std::ostream& out, const ReportContent& content) {
  constexpr std::string_view mark = "<!-- insert ";
  std::string_view page = page_html;
  for (std::size_t at; (at = page.find(mark)) != std::string_view::npos;) {
    out << page.substr(0, at);
    page.remove_prefix(at + mark.size());
    const std::string_view part = page.substr(0, page.find(' '));
    page.remove_prefix(page.find("-->") + 3);
    if (part == "style") out << "<style>\n" << page_css << "</style>";
    if (part == "data") write_data(out, content);
    if (part == "script") {
      for (const ReportLibrary& library : content.libraries)
        out << fmt::format("<script id=\"library-{}\">", library.name)
            << script_text(library.script) << "</script>\n";
      out << "<script>\n" << script_text(page_js) << "</script>";
    }
  }
  out << page;
}

}  // namespace modesweep
