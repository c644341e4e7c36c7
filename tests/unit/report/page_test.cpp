// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include <modesweep/report.hpp>

namespace {

using modesweep::ReportContent;

std::string page_of(const ReportContent& content) {
  std::ostringstream out;
  modesweep::write_report(out, content);
  return out.str();
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; ++at) ++found;
  return found;
}

TEST(Page, IsWholeWithoutAnything) {
  const std::string page = page_of({});
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
  EXPECT_TRUE(page.ends_with("</html>\n"));
  EXPECT_EQ(page.find("<!-- insert"), std::string::npos);
  for (const char* part : {"<style>", "id=\"about\"", "id=\"rows\"", "\"use strict\""})
    EXPECT_EQ(count(page, part), 1u) << part;
}

TEST(Page, NoTextEndsItsElement) {
  const std::string bad = "</script><b>x</b>\xff<!-- insert style -->";
  const std::size_t scripts = count(page_of({}), "</script");
  ReportContent content;
  content.command = bad;
  content.origin = {{bad, bad}};
  content.parameters = {{bad, bad}};
  modesweep::Row row;
  row.header.id = row.header.title = bad;
  row.file = bad;
  content.ranking.rows.push_back(row);
  content.ranking.left_out.push_back({bad, bad, {modesweep::Stage::parse, bad, bad}});
  content.shapes.push_back(tl::unexpected(bad));
  content.libraries.push_back({"d3", bad, bad, "x = '" + bad + "';"});
  const std::string page = page_of(content);
  EXPECT_EQ(page.find("<b>x"), page.rfind("<b>x")) << "of the library alone, inside its string";
  EXPECT_NE(page.find("x = '<\\/script><b>x</b>"), std::string::npos);
  EXPECT_EQ(count(page, "</script"), scripts + 2);  // of the shape and of the library
  EXPECT_EQ(count(page, "<style>"), 1u);
}

}  // namespace
