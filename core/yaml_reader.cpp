#include "core/yaml_reader.h"

#include "core/unicode.h"
#include "core/utf8.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <numeric>

namespace menshen::core {
namespace {

constexpr std::size_t quoted_bytes_max = 64;

std::string_view found_kind(const YamlNode& node) {
  switch (node.kind) {
    case YamlKind::null: return "nothing";
    case YamlKind::scalar: return "a single value";
    case YamlKind::list: return "a list";
    case YamlKind::map: return "a mapping";
  }
  return "nothing";
}

// Never what was found itself: it may be a secret.
std::string no_list(const YamlNode& node) {
  const bool single = node.kind == YamlKind::scalar;
  return "Expected a list, found " + std::string(found_kind(node)) +
         (single ? ": put it in brackets, [so]." : ".");
}

std::string no_mapping(const YamlNode& node, std::string_view keys) {
  std::string out = "Expected a mapping, found " + std::string(found_kind(node));
  const std::string_view sign =
      node.kind == YamlKind::scalar ? full_width_sign(node.text) : std::string_view{};
  if (!sign.empty()) return out.append(". ").append(no_sign_of_yaml(sign));
  if (!keys.empty()) out.append(": its keys are ").append(keys);
  return out.append(".");
}

// The characters of a name, without their case: EMAIL is email, and a Chinese name has as many as
// are seen.
std::u32string folded_characters(std::string_view name) {
  std::u32string out;
  for (std::size_t i = 0; i < name.size();) out.push_back(simple_fold(utf8_next(name, i)));
  return out;
}

// Levenshtein's distance, with a swap of two neighbours as one step (optimal string alignment).
std::size_t distance(std::u32string_view a, std::u32string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), 0U);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] =
          std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

std::string listed(std::span<const std::string_view> names) {
  std::string out;
  for (const std::string_view name : names) out.append(out.empty() ? "" : ", ").append(name);
  return out;
}

// Of those that may be used.
std::vector<std::string_view> names_of(std::span<const YamlKey> keys) {
  std::vector<std::string_view> out;
  for (const YamlKey& key : keys) {
    if (key.refusal.empty()) out.push_back(key.name);
  }
  return out;
}

std::string escaped(std::string_view step) {
  std::string out;
  for (const char c : step) {
    if (c == '~' || c == '/') {
      out.append(c == '~' ? "~0" : "~1");
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string shortest(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

}  // namespace

std::string quoted_name(std::string_view name) {
  std::string out = "\"";
  std::size_t kept = std::min(name.size(), quoted_bytes_max);
  while (kept > 0 && kept < name.size() &&
         (static_cast<unsigned char>(name[kept]) & 0xC0U) == 0x80U)
    --kept;
  for (const char c : name.substr(0, kept)) {
    out.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
  }
  if (kept < name.size()) out.append("...");
  return out.append("\"");
}

std::string_view full_width_sign(std::string_view text) noexcept {
  // Those that an input method writes for what YAML is made of.
  constexpr std::array<std::string_view, 12> signs{"：", "，", "【", "】", "｛", "｝",
                                                   "［", "］", "“",  "”",  "－", "＃"};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((text[i] & '\x80') == 0) continue;
    for (const std::string_view sign : signs) {
      if (text.substr(i).starts_with(sign)) return sign;
    }
  }
  return {};
}

std::string no_sign_of_yaml(std::string_view sign) {
  return "Here stands " + std::string(sign) +
         ", which is a character like any other to YAML: write its signs as in ASCII.";
}

std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates) {
  if (name.size() > quoted_bytes_max) return {};
  std::string_view best;
  const std::u32string said = folded_characters(name);
  std::size_t best_distance = std::max<std::size_t>(said.size() / 3, 1) + 1;
  for (const std::string_view candidate : candidates) {
    const std::u32string known = folded_characters(candidate);
    const std::size_t d = distance(said, known);
    if (d < best_distance && d < known.size()) {
      best = candidate;
      best_distance = d;
    }
  }
  if (!best.empty() || name.size() < 3) return best;
  const auto begun =
      std::ranges::find_if(candidates, [&](std::string_view c) { return c.starts_with(name); });
  return begun == candidates.end() ? std::string_view{} : *begun;
}

std::string suggestion_of(std::string_view near) {
  return near.empty() ? std::string{} : " Did you mean " + std::string(near) + "?";
}

YamlProblems::YamlProblems(std::string file) : file_(std::move(file)) {}

void YamlProblems::add(Problem problem) {
  if (problem.is_error) ++errors_;
  if (kept_.size() >= problems_max) {
    ++left_out_;
    const auto warning = std::ranges::find(kept_, false, &Problem::is_error);
    if (!problem.is_error || warning == kept_.end()) return;
    kept_.erase(warning);  // many warnings hide no error
  }
  problem.file = file_;
  kept_.push_back(std::move(problem));
}

std::vector<Problem> YamlProblems::take() {
  std::ranges::stable_sort(kept_, [](const Problem& a, const Problem& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  std::vector<Problem> out = std::move(kept_);
  if (left_out_ > 0) {
    out.push_back(
        problem_of(file_, "And " + std::to_string(left_out_) + " more problems.", errors_ > 0));
  }
  kept_.clear();
  left_out_ = 0;
  return out;
}

YamlValue::YamlValue(const YamlNode* node, YamlProblems* problems, std::string pointer)
    : node_(node), problems_(problems), pointer_(std::move(pointer)) {}

void YamlValue::error(std::string message, std::string_view suggestion) const {
  note(true, std::move(message), suggestion);
}

void YamlValue::warn(std::string message, std::string_view suggestion) const {
  note(false, std::move(message), suggestion);
}

void YamlValue::note(bool is_error, std::string message, std::string_view suggestion) const {
  assert(node_ != nullptr);
  problems_->add({is_error,
                  {},
                  node_->line,
                  node_->column,
                  pointer_,
                  std::move(message),
                  std::string(suggestion)});
}

const std::string* YamlValue::scalar(std::string_view expected) const {
  if (node_ == nullptr) return nullptr;
  if (node_->kind == YamlKind::scalar && !node_->text.empty()) return &node_->text;
  const std::string_view found =
      node_->kind == YamlKind::scalar ? "an empty text" : found_kind(*node_);
  error("Expected " + std::string(expected) + ", found " + std::string(found) + ".");
  return nullptr;
}

std::optional<std::string> YamlValue::text() const {
  const std::string* value = scalar("a text");
  return value ? std::optional(*value) : std::nullopt;
}

std::optional<bool> YamlValue::boolean() const {
  const std::string* value = scalar("true or false");
  if (value == nullptr) return std::nullopt;
  if (!node_->quoted && (*value == "true" || *value == "false")) return *value == "true";
  error("Expected true or false.");
  return std::nullopt;
}

std::optional<std::uint64_t> YamlValue::integer(std::uint64_t min, std::uint64_t max) const {
  const std::string expected =
      "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
  const std::string* value = scalar(expected);
  if (value == nullptr) return std::nullopt;
  std::uint64_t number = 0;
  const char* const end = value->data() + value->size();
  const auto parsed = std::from_chars(value->data(), end, number);
  const bool plain = value->size() == 1 || value->front() != '0';
  if (!node_->quoted && plain && parsed.ec == std::errc{} && parsed.ptr == end && number >= min &&
      number <= max) {
    return number;
  }
  error("Expected " + expected + ".");
  return std::nullopt;
}

std::optional<double> YamlValue::number(double min, double max) const {
  const std::string expected = "a number from " + shortest(min) + " to " + shortest(max);
  const std::string* value = scalar(expected);
  if (value == nullptr) return std::nullopt;
  double number = 0;
  const char* const end = value->data() + value->size();
  const auto parsed = std::from_chars(value->data(), end, number);
  if (!node_->quoted && parsed.ec == std::errc{} && parsed.ptr == end && std::isfinite(number) &&
      number >= min && number <= max) {
    return number;
  }
  error("Expected " + expected + ".");
  return std::nullopt;
}

std::optional<std::size_t> YamlValue::choice(std::span<const std::string_view> names,
                                             std::span<const YamlRefusal> refused) const {
  const std::string* value = scalar("one of: " + listed(names));
  if (value == nullptr) return std::nullopt;
  const auto found = std::ranges::find(names, std::string_view(*value));
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  const auto known = std::ranges::find(refused, std::string_view(*value), &YamlRefusal::name);
  if (known != refused.end()) {
    error(std::string(known->message));
  } else {
    const std::string_view near = nearest_name(*value, names);
    error("Unknown value " + quoted_name(*value) + "." + suggestion_of(near) +
              " Use one of: " + listed(names) + ".",
          near);
  }
  return std::nullopt;
}

std::vector<YamlValue> YamlValue::items() const {
  if (node_ == nullptr) return {};
  if (node_->kind != YamlKind::list) {
    error(no_list(*node_));
    return {};
  }
  if (node_->children.empty()) error("The list is empty: leave the key out, or name something.");
  std::vector<YamlValue> out;
  for (std::size_t i = 0; i < node_->children.size(); ++i) {
    out.emplace_back(node_->children[i], problems_, pointer_ + "/" + std::to_string(i));
  }
  return out;
}

std::vector<std::pair<YamlValue, YamlValue>> YamlValue::entries() const {
  if (node_ == nullptr) return {};
  if (node_->kind != YamlKind::map) {
    error(no_mapping(*node_, {}));
    return {};
  }
  if (node_->children.empty()) error("The mapping is empty: leave the key out, or name something.");
  std::vector<std::pair<YamlValue, YamlValue>> out;
  for (std::size_t i = 0; i < node_->children.size(); i += 2) {
    const std::string pointer = pointer_ + "/" + escaped(node_->children[i]->text);
    out.emplace_back(YamlValue(node_->children[i], problems_, pointer),
                     YamlValue(node_->children[i + 1], problems_, pointer));
  }
  return out;
}

YamlMap::YamlMap(const YamlValue& value, std::span<const YamlKey> keys) : value_(value) {
  if (!value.present()) return;
  if (value.kind() == YamlKind::map) {
    check_keys(keys);
    return;
  }
  value.error(no_mapping(*value.node_, listed(names_of(keys))));
  value_ = {};
}

void YamlMap::check_keys(std::span<const YamlKey> keys) const {
  const std::vector<std::string_view> names = names_of(keys);
  const YamlNode& map = *value_.node_;
  for (std::size_t i = 0; i < map.children.size(); i += 2) {
    const std::string& name = map.children[i]->text;
    const YamlValue key(map.children[i], value_.problems_, value_.pointer_);
    const auto found = std::ranges::find(keys, std::string_view(name), &YamlKey::name);
    if (found == keys.end()) {
      const std::string_view near = nearest_name(name, names);
      key.error("Unknown key " + quoted_name(name) + "." +
                    (near.empty() ? " Known keys: " + listed(names) + "." : suggestion_of(near)),
                near);
    } else if (!found->refusal.empty()) {
      key.error("The key " + quoted_name(name) +
                " may not be used: " + std::string(found->refusal));
    }
  }
}

YamlValue YamlMap::operator[](std::string_view key) const {
  if (!value_.present()) return {};
  const std::vector<const YamlNode*>& children = value_.node_->children;
  for (std::size_t i = 0; i < children.size(); i += 2) {
    if (children[i]->text != key) continue;
    return {children[i + 1], value_.problems_, value_.pointer_ + "/" + escaped(key)};
  }
  return {};
}

YamlValue YamlMap::required(std::string_view key) const {
  YamlValue found = (*this)[key];
  if (!found.present() && value_.present()) {
    value_.error("The key " + quoted_name(key) + " is missing.");
  }
  return found;
}

}  // namespace menshen::core
