// SPDX-License-Identifier: MIT
#include "structure/assembly_operators.hpp"

#include <fmt/format.h>

#include <gemmi/cifdoc.hpp>
#include <gemmi/metadata.hpp>
#include <gemmi/numb.hpp>
#include <map>

#include "structure/decimal.hpp"

namespace modesweep {
namespace {

using Operator = gemmi::Assembly::Operator;

std::map<std::string, Operator> stated_operators(gemmi::cif::Block& block) {
  std::vector<std::string> tags = {"id", "type"};
  for (int row = 1; row <= 3; ++row) {
    for (int column = 1; column <= 3; ++column)
      tags.push_back(fmt::format("matrix[{}][{}]", row, column));
    tags.push_back(fmt::format("vector[{}]", row));
  }
  std::map<std::string, Operator> operators;
  for (const auto row : block.find("_pdbx_struct_oper_list.", tags)) {
    Operator& op = operators[row.str(0)];
    op.name = row.str(0);
    op.type = row.str(1);
    for (int i = 0; i < 3; ++i) {
      const int first = 2 + 4 * i;
      for (int j = 0; j < 3; ++j)
        op.transform.mat[i][j] = gemmi::cif::as_number(row[static_cast<std::size_t>(first + j)]);
      op.transform.vec.at(i) = gemmi::cif::as_number(row[static_cast<std::size_t>(first + 3)]);
    }
  }
  return operators;
}

/// The operators of one factor; as gemmi does, names that are not in the list are passed over.
std::vector<Operator> factor_operators(std::string_view factor,
                                       const std::map<std::string, Operator>& stated) {
  std::vector<Operator> operators;
  if (const auto names = operator_names(factor))
    for (const std::string& name : *names)
      if (const auto found = stated.find(name); found != stated.end())
        operators.push_back(found->second);
  return operators;
}

std::vector<Operator> product_operators(const std::string& expression,
                                        const std::map<std::string, Operator>& stated) {
  std::vector<Operator> products;
  for (std::size_t open = 0; open < expression.size();) {
    const std::size_t close = expression.find(')', open);
    if (expression[open] != '(' || close == std::string::npos) return {};
    const std::vector<Operator> factor =
        factor_operators(std::string_view(expression).substr(open, close + 1 - open), stated);
    if (open == 0) {
      products = factor;
    } else {
      if (products.size() * factor.size() > most_operators) return {};
      std::vector<Operator> longer;
      for (const Operator& left : products)
        for (const Operator& right : factor)
          longer.push_back({fmt::format("{}*{}", left.name, right.name), left.type,
                            left.transform.combine(right.transform)});
      products = std::move(longer);
    }
    open = close + 1;
  }
  return products;
}

}  // namespace

std::optional<std::vector<std::string>> operator_names(std::string_view expression) {
  if (!expression.empty() && expression.front() == '(') {
    const std::size_t close = expression.find(')');
    if (close + 1 != expression.size()) return std::nullopt;
    expression = expression.substr(1, close - 1);
  }
  std::vector<std::string> names;
  for (;;) {
    const std::size_t comma = expression.find(',');
    const std::string_view part = expression.substr(0, comma);
    if (const std::size_t minus = part.find('-'); minus != std::string_view::npos) {
      int first, last;
      if (!parse_integer(part.substr(0, minus), first) ||
          !parse_integer(part.substr(minus + 1), last) || first < 0 || last < 0 ||
          last - first > most_operators)
        return std::nullopt;
      for (; first <= last; ++first) names.push_back(std::to_string(first));
    } else {
      if (part.empty()) return std::nullopt;
      names.emplace_back(part);
    }
    if (names.size() > most_operators) return std::nullopt;
    if (comma == std::string_view::npos) return names;
    expression.remove_prefix(comma + 1);
  }
}

void multiply_operators(gemmi::cif::Block& block, std::vector<gemmi::Assembly>& assemblies) {
  gemmi::cif::Table generators =
      block.find("_pdbx_struct_assembly_gen.", {"assembly_id", "oper_expression", "asym_id_list"});
  std::map<std::string, Operator> stated;
  for (gemmi::Assembly& assembly : assemblies) {
    std::size_t next = 0;  // gemmi keeps an assembly's generators in the order of their rows
    for (const auto row : generators) {
      if (row.str(0) != assembly.name) continue;
      gemmi::Assembly::Gen& generator = assembly.generators.at(next++);
      const std::string expression = row.str(1);
      if (expression[0] != '(' || expression.find(')') + 1 == expression.size()) continue;
      if (stated.empty()) stated = stated_operators(block);
      generator.operators = product_operators(expression, stated);
    }
  }
}

}  // namespace modesweep
