// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>

#include <modesweep/report.hpp>
#include <modesweep/writers.hpp>

#include "report/page_parts.hpp"
#include "report/page_writer.hpp"

namespace modesweep {
namespace {

using Json = nlohmann::ordered_json;

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
  Json about = about_page(content.command, content.date, content.libraries);
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
  return about;
}

/// Rows are lines of JSON, as `rank --format jsonl` has them. Shapes stand alone, so that the page
/// reads those that are looked at.
void write_data(std::ostream& out, const ReportContent& content) {
  write_json(out, "about", about(content));
  out << "<script type=\"application/x-ndjson\" id=\"rows\">\n";
  std::ostringstream rows;
  std::vector<Column> columns = known_columns();
  for (Column& column : columns)
    if (column.name == "notes") column = notes_column(content.core ? Judged::core : Judged::whole);
  write_jsonl(rows, content.ranking.rows, columns);
  out << escaped(rows.view()) << "</script>\n";
  for (std::size_t i = 0; i < content.shapes.size(); ++i) {
    const PackedShape& shape = content.shapes[i];
    const std::string id = fmt::format("shape-{}", i);
    if (shape)
      out << fmt::format("<script type=\"application/json\" id=\"{}\">", id) << escaped(*shape)
          << "</script>\n";
    else
      write_json(out, id, Json{{"missing", shape.error()}});
  }
}

}  // namespace

void write_report(std::ostream& out, const ReportContent& content) {
  write_page(out, {page_html, page_js}, content.libraries, [&] { write_data(out, content); });
}

}  // namespace modesweep
