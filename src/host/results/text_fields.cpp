// SPDX-License-Identifier: MIT
#include "results/text_fields.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace modesweep {
namespace {

/// Nothing where it is no number, as JSON has it.
std::string digits(double value) {
  return std::isfinite(value) ? fmt::format("{:.12g}", value) : std::string();
}

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;  // clang 14 does not deduce it

template <class T, class Text>
std::string comma_separated(const std::vector<T>& values, Text&& text) {
  std::string list;
  for (const T& value : values) {
    if (!list.empty()) list += ',';
    list += text(value);
  }
  return list;
}

nlohmann::ordered_json json_number(double number) {
  return std::isfinite(number)
             ? nlohmann::ordered_json(std::strtod(digits(number).c_str(), nullptr))
             : nlohmann::ordered_json();
}

nlohmann::ordered_json json_value(const Value& value) {
  return std::visit(Overloaded{[](std::monostate) { return nlohmann::ordered_json(); },
                               [](const std::string& text) { return nlohmann::ordered_json(text); },
                               [](std::int64_t number) { return nlohmann::ordered_json(number); },
                               [](double number) { return json_number(number); },
                               [](const std::vector<double>& numbers) {
                                 auto list = nlohmann::ordered_json::array();
                                 for (const double number : numbers)
                                   list.push_back(json_number(number));
                                 return list;
                               },
                               [](const std::vector<std::string>& texts) {
                                 return nlohmann::ordered_json(texts);
                               }},
                    value);
}

}  // namespace

std::string tsv_field(const Value& value) {
  return std::visit(
      Overloaded{
          [](std::monostate) { return std::string(); },
          [](const std::string& text) { return printable(text); },
          [](std::int64_t number) { return std::to_string(number); },
          [](double number) { return digits(number); },
          [](const std::vector<double>& numbers) { return comma_separated(numbers, digits); },
          [](const std::vector<std::string>& texts) { return comma_separated(texts, printable); }},
      value);
}

std::string csv_field(const Value& value) {
  std::string text = tsv_field(value);
  if (text.find_first_of(",\"") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

std::string json_text(const nlohmann::ordered_json& json, int indent) {
  // Names from a file need not be UTF-8; a row must not be lost for that.
  const std::string text =
      json.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  std::string result;
  for_each_character(text, [&](char32_t character, std::string_view bytes) {
    // Those of ASCII but DEL are by JSON's own rules.
    if (character < 0x7f || !is_control(character))
      result += bytes;
    else if (character < 0x10000)
      result += fmt::format("\\u{:04x}", static_cast<unsigned>(character));
    else  // as UTF-16 has it, in two halves
      result += fmt::format("\\u{:04x}\\u{:04x}",
                            0xd800U + static_cast<unsigned>((character - 0x10000) >> 10),
                            0xdc00U + static_cast<unsigned>(character & 0x3ff));
  });
  return result + '\n';
}

std::string json_line(const Fields& fields) {
  nlohmann::ordered_json object;
  for (const auto& [name, value] : fields) object[name] = json_value(value);
  return json_text(object);
}

}  // namespace modesweep
