// SPDX-License-Identifier: MIT
#include "report/page_writer.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <modesweep/version.hpp>

#include "base/input_file.hpp"
#include "report/page_parts.hpp"

namespace modesweep {
namespace {

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

std::string read_text(const std::filesystem::path& path) {
  constexpr std::size_t most_bytes = std::size_t{64} << 20;
  return read_input(path, most_bytes).value_or(std::string());
}

}  // namespace

std::string escaped(std::string_view json) {
  std::string text;
  for (const char c : json)
    if (c == '<')
      text += "\\u003c";
    else
      text += c;
  return text;
}

void write_json(std::ostream& out, std::string_view id, const nlohmann::ordered_json& json) {
  out << fmt::format("<script type=\"application/json\" id=\"{}\">", id)
      << escaped(json.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace))
      << "</script>\n";
}

nlohmann::ordered_json about_page(const std::string& command, const std::string& date,
                                  const std::vector<ReportLibrary>& libraries) {
  nlohmann::ordered_json about = {{"version", version}, {"command", command}, {"date", date}};
  about["libraries"] = nlohmann::ordered_json::array();
  for (const ReportLibrary& library : libraries)
    about["libraries"].push_back(
        {{"name", library.name}, {"version", library.version}, {"licence", library.licence}});
  return about;
}

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

void write_page(std::ostream& out, const PageParts& parts,
                const std::vector<ReportLibrary>& libraries,
                const std::function<void()>& write_data) {
  constexpr std::string_view mark = "<!-- insert ";
  std::string_view page = parts.html;
  for (std::size_t at; (at = page.find(mark)) != std::string_view::npos;) {
    out << page.substr(0, at);
    page.remove_prefix(at + mark.size());
    const std::string_view part = page.substr(0, page.find(' '));
    page.remove_prefix(page.find("-->") + 3);
    if (part == "style") out << "<style>\n" << page_css << "</style>";
    if (part == "data") write_data();
    if (part == "script") {
      for (const ReportLibrary& library : libraries)
        out << fmt::format("<script id=\"library-{}\">", library.name)
            << script_text(library.script) << "</script>\n";
      out << "<script>\n" << script_text(drawing_js) << script_text(parts.script) << "</script>";
    }
  }
  out << page;
}

}  // namespace modesweep
