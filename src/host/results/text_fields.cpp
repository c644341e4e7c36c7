// SPDX-License-Identifier: MIT
#include "results/text_fields.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

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

/// Whether a C1 control character (ESC [ in one, for terminals) begins here, in its UTF-8 form.
bool is_c1(std::string_view text, std::size_t i) {
  return text[i] == '\xc2' && i + 1 < text.size() && static_cast<signed char>(text[i + 1]) < -96;
}

/// JSON text with C1 control characters escaped; the others are by JSON's own rules.
std::string without_c1(std::string_view json) {
  std::string result;
  for (std::size_t i = 0; i < json.size(); ++i)
    if (is_c1(json, i))
      result += fmt::format("\\u00{:02x}", static_cast<unsigned char>(json[++i]));
    else
      result += json[i];
  return result;
}

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

std::string plain_field(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool c1 = is_c1(text, i);
    if (c1) ++i;
    const bool control = c1 || static_cast<unsigned char>(text[i]) < ' ' || text[i] == '\x7f';
    plain += control ? ' ' : text[i];
  }
  return plain;
}

std::string tsv_field(const Value& value) {
  return std::visit(Overloaded{[](std::monostate) { return std::string(); },
                               [](const std::string& text) { return plain_field(text); },
                               [](std::int64_t number) { return std::to_string(number); },
                               [](double number) { return digits(number); },
                               [](const std::vector<double>& numbers) {
                                 return comma_separated(numbers, digits);
                               },
                               [](const std::vector<std::string>& texts) {
                                 return comma_separated(texts, plain_field);
                               }},
                    value);
}

std::string json_line(const Fields& fields) {
  nlohmann::ordered_json object;
  for (const auto& [name, value] : fields) object[name] = json_value(value);
  // Names from a file need not be UTF-8; a row must not be lost for that.
  return without_c1(object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)) +
         '\n';
}

}  // namespace modesweep
