// SPDX-License-Identifier: MIT
#include "structure/assemblies.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_map>

#include "base/cancel_scope.hpp"
#include "base/text.hpp"
#include "structure/decimal.hpp"
#include "structure/text_format.hpp"

namespace modesweep {
namespace {

constexpr std::size_t most_nodes = 5'000'000;
constexpr std::size_t steps_of_operator = 100;  // by the time that one takes

using Operators = std::vector<Operator>;

/// The operators of one factor, or nothing where one of them is not stated.
std::optional<Operators> factor_operators(std::string_view factor, const Assemblies& stated) {
  const auto names = operator_names(factor);
  if (!names) return std::nullopt;
  Operators operators;
  for (const std::string& name : *names) {
    const auto found = stated.operators.find(name);
    if (found == stated.operators.end()) return std::nullopt;
    operators.push_back(found->second);
  }
  return operators;
}

/// All products of the factors of "(1-60)(61-88)", the leftmost varying slowest. As the mmCIF
/// dictionary has it, the rightmost factor is applied first. Nothing for what cannot be read, for
/// too many operators and for such as are not stated.
std::optional<Operators> operators_of(const Generator& generator, const Assemblies& stated) {
  const std::string_view expression = trimmed(generator.expression);
  if (expression.empty())
    return generator.operators.empty() ? std::nullopt : std::optional(generator.operators);
  if (expression.front() != '(') return factor_operators(expression, stated);
  std::optional<Operators> products;
  for (std::size_t open = 0; open < expression.size();) {
    const std::size_t close = expression.find(')', open);
    if (expression[open] != '(' || close == std::string_view::npos) return std::nullopt;
    std::optional<Operators> factor =
        factor_operators(expression.substr(open, close + 1 - open), stated);
    if (!factor) return std::nullopt;
    if (!products) {
      products = std::move(factor);
    } else {
      if (products->size() * factor->size() > most_operators) return std::nullopt;
      Operators longer;
      for (const Operator& left : *products)
        for (const Operator& right : *factor) longer.push_back(left.after(right));
      products = std::move(longer);
    }
    open = expression.find_first_not_of(" \t\n", close + 1);
  }
  return products;
}

/// Names the copies of each chain.
class CopyNames {
 public:
  /// "A" for the first operator that the chain has, "A-2" for the second.
  std::string name(const std::string& chain, const std::string& op) {
    auto& copies = operators_[chain];
    const std::size_t copy = copies.emplace(op, copies.size()).first->second;
    return copy == 0 ? chain : fmt::format("{}-{}", chain, copy + 1);
  }

 private:
  // That each chain had so far, with their order.
  std::map<std::string, std::unordered_map<std::string, std::size_t>> operators_;
};

/// What a generator says, looked up.
struct Copied {
  Operators operators;
  std::vector<std::size_t> members;  // among the nodes
};

std::vector<Node> copies_of(const std::vector<Node>& nodes, const std::vector<Copied>& copied,
                            std::size_t count) {
  std::vector<Node> copies;
  copies.reserve(count);
  CopyNames chains;
  CancelCheck cancelled;
  constexpr std::size_t steps = 200;  // of one copy, by its time
  for (const auto& [operators, members] : copied)
    for (const Operator& op : operators) {
      for (const std::size_t member : members) {
        Node node = nodes[member];
        node.chain = chains.name(node.chain, op.name);
        node.position = op.apply(node.position);
        copies.push_back(std::move(node));
      }
      cancelled.after(steps * members.size());
    }
  return copies;
}

}  // namespace

Vec3 Operator::apply(const Vec3& position) const {
  Vec3 moved;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::array<double, 4>& row = matrix[i];
    moved[i] = row[0] * position[0] + row[1] * position[1] + row[2] * position[2] + row[3];
  }
  return moved;
}

Operator Operator::after(const Operator& other) const {
  Operator product{fmt::format("{}*{}", name, other.name)};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 4; ++j) {
      double sum = matrix[i][0] * other.matrix[0][j] + matrix[i][1] * other.matrix[1][j] +
                   matrix[i][2] * other.matrix[2][j];
      if (j == 3) sum += matrix[i][3];
      product.matrix[i][j] = sum;
    }
  return product;
}

bool Assemblies::has(std::string_view name) const {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool Assemblies::has_generators(std::string_view name) const {
  return has(name) && std::any_of(generators.begin(), generators.end(), [&](const auto& generator) {
           return generator.assembly == name;
         });
}

bool Assemblies::first_differs_from(const std::set<std::string_view>& parts) const {
  if (!has("1")) return false;
  std::map<std::string_view, int> copies;
  CancelCheck cancelled;
  for (const Generator& generator : generators) {
    if (generator.assembly != "1") continue;
    const std::optional<Operators> all = operators_of(generator, *this);
    if (!all) continue;  // what cannot be read says nothing
    cancelled.after(steps_of_operator * all->size() * (1 + generator.parts.size()));
    for (const Operator& op : *all) {
      if (!op.is_identity()) return true;
      for (const std::string& part : generator.parts) ++copies[part];
    }
  }
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) {
    const auto found = copies.find(part);
    return found == copies.end() || found->second != 1;
  });
}

Outcome<std::vector<Node>> Assemblies::assemble(
    const std::string& name, const std::vector<Node>& nodes,
    const std::vector<std::string_view>& parts, const std::filesystem::path& path,
    const std::function<Outcome<void>(std::size_t nodes)>& admit) const {
  const auto failure = [&](const char* code, const std::string& problem) {
    return tl::unexpected(parse_failure(code, path, problem));
  };
  if (names.empty()) return failure("no_assembly", "the file states no biological assembly");
  if (!has(name))
    return failure("no_assembly", fmt::format("there is no biological assembly {}; there are {}",
                                              name, fmt::join(names, ", ")));
  std::vector<Copied> copied;
  std::size_t count = 0;
  CancelCheck cancelled;
  for (const Generator& generator : generators) {
    if (generator.assembly != name) continue;
    std::optional<Operators> all = operators_of(generator, *this);
    if (!all)
      return failure("no_assembly",
                     fmt::format("the operators of assembly {} cannot be read, are not all stated, "
                                 "or are more than {}",
                                 name, most_operators));
    const std::set<std::string_view> wanted(generator.parts.begin(), generator.parts.end());
    std::vector<std::size_t> members;
    for (std::size_t i = 0; i < nodes.size(); ++i)
      if (wanted.contains(of_chains ? std::string_view(nodes[i].chain) : parts[i]))
        members.push_back(i);
    cancelled.after(nodes.size() + steps_of_operator * all->size());
    if (members.empty()) continue;
    count += all->size() * members.size();
    if (count > most_nodes)
      return failure("too_large",
                     fmt::format("assembly {} has more than {} nodes", name, most_nodes));
    copied.push_back({*std::move(all), std::move(members)});
  }
  if (count == 0) return failure("no_nodes", fmt::format("there is no node in assembly {}", name));
  if (Outcome<void> admitted = admit(count); !admitted)
    return tl::unexpected(std::move(admitted.error()));
  return copies_of(nodes, copied, count);
}

std::optional<std::vector<std::string>> operator_names(std::string_view expression) {
  if (!expression.empty() && expression.front() == '(') {
    const std::size_t close = expression.find(')');
    if (close + 1 != expression.size()) return std::nullopt;
    expression = expression.substr(1, close - 1);
  }
  std::vector<std::string> names;
  // A comma at the end, or nothing at all, says that a name is missing.
  if (expression.empty() || expression.back() == ',') return std::nullopt;
  for (const std::string& stated : split(expression, ',')) {
    const std::string_view part = trimmed(stated);
    int first, last;
    const std::size_t minus = part.find('-');
    const bool range = minus != std::string_view::npos &&
                       parse_integer(part.substr(0, minus), first) &&
                       parse_integer(part.substr(minus + 1), last);
    if (range) {
      if (first < 0 || last < first || last - first > most_operators) return std::nullopt;
      for (; first <= last; ++first) names.push_back(std::to_string(first));
    } else {
      // A name may hold a hyphen, but what begins as a range and is none cannot be read.
      if (part.empty() || part.front() == '-' || part.back() == '-') return std::nullopt;
      names.emplace_back(part);
    }
    if (names.size() > most_operators) return std::nullopt;
  }
  return names;
}

}  // namespace modesweep
