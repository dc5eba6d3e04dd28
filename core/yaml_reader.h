// Reads one YAML document with types, and collects every problem of the file with its place.
//
//   YamlProblems problems("menshen.yaml");
//   const YamlDocument document(text, problems);
//   const YamlMap root(document.root(), root_keys);          // unknown keys are noted here
//   const auto address = root.required("listen").text();     // nullopt: the problem is noted
//   if (problems.has_errors()) return problems.take();
//
// What is refused, beside bad YAML: a second document, duplicate keys in a mapping, keys that are
// not plain names, explicit tags, merge keys, aliases that expand beyond the limits or contain
// themselves, invalid UTF-8, control characters. Scalars are taken as written: `no` is the text
// "no", and 007 is the text "007".
//
// Messages quote keys and names of choices, never other values, which may be secrets.
//
// Nothing here throws on bad input. One thread at a time. Values and maps are views: they live as
// long as their YamlDocument and YamlProblems.
#pragma once

#include "core/problem.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace menshen::core {

struct YamlLimits {
  std::size_t bytes_max = 1024 * 1024;
  std::size_t depth_max = 24;
  std::size_t nodes_max = 100'000;  // aliases count with all that they stand for
};

// At most problems_max are kept; the last one then says how many were left out.
class YamlProblems {
 public:
  static constexpr std::size_t problems_max = 100;

  explicit YamlProblems(std::string file);

  // Of `problem` all but the file.
  void add(Problem problem);
  [[nodiscard]] bool has_errors() const noexcept { return errors_ > 0; }
  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  // All of them, in the order of the file.
  [[nodiscard]] std::vector<Problem> take();

 private:
  std::string file_;
  std::vector<Problem> kept_;
  std::size_t errors_ = 0;
  std::size_t left_out_ = 0;
};

enum class YamlKind : std::uint8_t { null, scalar, list, map };

// One node of the tree. An alias is a second edge to the same node.
struct YamlNode {
  YamlKind kind = YamlKind::null;
  std::size_t line = 0;
  std::size_t column = 0;
  bool quoted = false;
  std::string text;                       // of a scalar
  std::vector<const YamlNode*> children;  // of a map: key, value, key, value ...
};

// A value that a name may not have yet, and what to say about it.
struct YamlRefusal {
  std::string_view name;
  std::string_view message;
};

// A value with the path that led to it. Copyable. An absent value reads as nullopt, without a
// problem.
class YamlValue {
 public:
  YamlValue() = default;
  YamlValue(const YamlNode* node, YamlProblems* problems, std::string pointer);

  [[nodiscard]] bool present() const noexcept { return node_ != nullptr; }
  [[nodiscard]] YamlKind kind() const noexcept { return node_ ? node_->kind : YamlKind::null; }
  [[nodiscard]] std::size_t line() const noexcept { return node_ ? node_->line : 0; }

  // A name that was meant instead belongs into the message too: suggestion_of() says it.
  void error(std::string message, std::string_view suggestion = {}) const;
  void warn(std::string message, std::string_view suggestion = {}) const;

  // Each notes a problem and gives nullopt when the value is of another kind or out of range.
  [[nodiscard]] std::optional<std::string> text() const;  // any scalar, not empty
  [[nodiscard]] std::optional<bool> boolean() const;      // true or false, unquoted
  [[nodiscard]] std::optional<std::uint64_t> integer(std::uint64_t min, std::uint64_t max) const;
  [[nodiscard]] std::optional<double> number(double min, double max) const;
  // Index of one of the names. A near miss is suggested; a refused name gets its own message.
  [[nodiscard]] std::optional<std::size_t> choice(std::span<const std::string_view> names,
                                                  std::span<const YamlRefusal> refused = {}) const;
  // Elements of a list that is not empty. A problem when it is not a list, or empty.
  [[nodiscard]] std::vector<YamlValue> items() const;
  // Key and value of a mapping whose keys are data. A problem when it is not a mapping, or empty.
  [[nodiscard]] std::vector<std::pair<YamlValue, YamlValue>> entries() const;

 private:
  friend class YamlMap;
  [[nodiscard]] const std::string* scalar(std::string_view expected) const;
  void note(bool is_error, std::string message, std::string_view suggestion) const;

  const YamlNode* node_ = nullptr;
  YamlProblems* problems_ = nullptr;
  std::string pointer_;  // RFC 6901
};

// A key that a mapping may have. With a refusal, the key is known and may not be used.
struct YamlKey {
  std::string_view name;
  std::string_view refusal = {};
};

// A mapping with a closed set of keys, which must outlive it. Unknown and refused keys, and a value
// that is no mapping, are noted by the constructor; an absent value gives an empty map without a
// problem.
class YamlMap {
 public:
  YamlMap(const YamlValue& value, std::span<const YamlKey> keys);

  [[nodiscard]] YamlValue operator[](std::string_view key) const;  // absent: reads as nullopt
  [[nodiscard]] YamlValue required(std::string_view key) const;    // absent: a problem
  [[nodiscard]] bool has(std::string_view key) const { return (*this)[key].present(); }
  [[nodiscard]] const YamlValue& value() const noexcept { return value_; }

 private:
  void check_keys(std::span<const YamlKey> keys) const;

  YamlValue value_;
};

// The tree of one document. When it could not be read, root() is absent and the problems have an
// error.
class YamlDocument {
 public:
  YamlDocument(std::string_view text, YamlProblems& problems, YamlLimits limits = {});
  YamlDocument(const YamlDocument&) = delete;
  YamlDocument& operator=(const YamlDocument&) = delete;

  [[nodiscard]] YamlValue root() const { return {root_, problems_, {}}; }

 private:
  std::deque<YamlNode> nodes_;
  const YamlNode* root_ = nullptr;
  YamlProblems* problems_;
};

// "name" with control characters replaced, cut after 64 bytes, in quotes: for messages.
[[nodiscard]] std::string quoted_name(std::string_view name);

// The candidate that is nearest to a misspelt name, or an empty text when none is near.
[[nodiscard]] std::string_view nearest_name(std::string_view name,
                                            std::span<const std::string_view> candidates);

// The first sign in the text that an input method writes for one of YAML's (： ， 【 “ ...); empty:
// none. And what to say of one.
[[nodiscard]] std::string_view full_width_sign(std::string_view text) noexcept;
[[nodiscard]] std::string no_sign_of_yaml(std::string_view sign);

// " Did you mean NAME?", or nothing for an empty name.
[[nodiscard]] std::string suggestion_of(std::string_view near);

}  // namespace menshen::core
