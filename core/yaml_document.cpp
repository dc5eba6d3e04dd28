// The parsing half of yaml_reader.h: yaml-cpp's events become a bounded tree.
#include "core/yaml_reader.h"

#include <boost/nowide/utf/utf.hpp>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <initializer_list>
#include <sstream>
#include <unordered_map>
#include <unordered_set>

namespace menshen::core {
namespace {

using Utf8 = boost::nowide::utf::utf_traits<char>;

struct Refused {
  YAML::Mark mark;
  std::string message;
};

std::string_view without_byte_order_mark(std::string_view text) {
  return text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
}

// yaml-cpp counts columns in bytes; people and editors count characters.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text), starts_{0} {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') starts_.push_back(i + 1);
    }
  }
  std::size_t line(const YAML::Mark& mark) const {
    return static_cast<std::size_t>(std::max(mark.line, 0)) + 1;
  }
  std::size_t column(const YAML::Mark& mark) const {
    const std::size_t index = line(mark) - 1;
    const auto bytes = static_cast<std::size_t>(std::max(mark.column, 0));
    if (index >= starts_.size()) return bytes + 1;
    if (index != counted_.line || bytes < counted_.bytes) counted_ = {.line = index};
    const std::string_view head =
        text_.substr(starts_[index] + counted_.bytes, bytes - counted_.bytes);
    counted_.characters += static_cast<std::size_t>(std::ranges::count_if(
        head, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
    counted_.bytes = bytes;
    return counted_.characters + 1;
  }
  // This line or the one before it, if a tab stands before its text; 0: neither. yaml-cpp finds its
  // fault where the indentation that it did not see makes no sense.
  std::size_t indented_by_tab(std::size_t last) const {
    for (std::size_t line = std::max<std::size_t>(last, 2) - 1; line <= last; ++line) {
      if (line > starts_.size()) break;
      const std::string_view rest = text_.substr(starts_[line - 1]);
      const std::size_t end = rest.find_first_not_of(" \t");
      if (end == std::string_view::npos || rest[end] == '\n' || rest[end] == '#') continue;
      if (rest.substr(0, end).find('\t') != std::string_view::npos) return line;
    }
    return 0;
  }

  [[nodiscard]] std::string_view text_of(std::size_t line) const {
    if (line == 0 || line > starts_.size()) return {};
    const std::string_view rest = text_.substr(starts_[line - 1]);
    return rest.substr(0, rest.find('\n'));
  }

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
  // How far the line was counted that was asked about last: a list of many items may be one line.
  struct Counted {
    std::size_t line = 0;
    std::size_t bytes = 0;
    std::size_t characters = 0;
  };
  mutable Counted counted_;
};

// Builds the tree and enforces every limit as it grows. Leaves by throwing Refused.
class Builder final : public YAML::EventHandler {
 public:
  Builder(std::deque<YamlNode>& nodes, const Lines& lines, const YamlLimits& limits)
      : nodes_(nodes), lines_(lines), limits_(limits) {}

  const YamlNode* root() const { return root_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode* node = leaf(mark, YamlKind::null, anchor);
    place_at_key(*node);
    attach(mark, node);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_tag(mark, tag);
    YamlNode* node = leaf(mark, YamlKind::scalar, anchor);
    node->text = value;
    node->quoted = tag == "!";
    attach(mark, node);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end() || !found->second.closed) {
      throw Refused{mark,
                    "This alias stands for something that contains it, or that is not there."};
    }
    count(mark, found->second.nodes);
    check_depth(mark, found->second.height);
    attach(mark, found->second.node);
    for (Open& open : open_) open.nodes += found->second.nodes;
    note_height(found->second.height);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlKind::list);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlKind::map);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Anchor {
    const YamlNode* node = nullptr;
    std::size_t nodes = 1;
    std::size_t height = 1;
    bool closed = false;
  };
  struct Open {
    YamlNode* node;
    YAML::anchor_t anchor;
    std::size_t nodes = 1;
    std::size_t height = 1;
  };

  // A value that was left out stands nowhere: its key is what there is to point at.
  void place_at_key(YamlNode& node) const {
    if (open_.empty() || open_.back().node->kind != YamlKind::map) return;
    const std::vector<const YamlNode*>& siblings = open_.back().node->children;
    if (siblings.size() % 2 == 0) return;
    node.line = siblings.back()->line;
    node.column = siblings.back()->column;
  }
  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!")
      throw Refused{mark, "Tags are not supported here."};
  }
  void count(const YAML::Mark& mark, std::size_t nodes) {
    total_ += nodes;
    if (total_ > limits_.nodes_max) {
      throw Refused{mark, "The document has more than " + std::to_string(limits_.nodes_max) +
                              " values, aliases expanded."};
    }
  }
  void check_depth(const YAML::Mark& mark, std::size_t height) const {
    if (open_.size() + height > limits_.depth_max) {
      throw Refused{mark, "The document is nested deeper than " +
                              std::to_string(limits_.depth_max) + " levels."};
    }
  }
  void note_height(std::size_t height) {
    if (!open_.empty()) open_.back().height = std::max(open_.back().height, height + 1);
  }
  YamlNode* make(const YAML::Mark& mark, YamlKind kind) {
    count(mark, 1);
    check_depth(mark, 1);
    YamlNode& node = nodes_.emplace_back();
    node.kind = kind;
    node.line = lines_.line(mark);
    node.column = lines_.column(mark);
    return &node;
  }
  YamlNode* leaf(const YAML::Mark& mark, YamlKind kind, YAML::anchor_t anchor) {
    YamlNode* node = make(mark, kind);
    if (anchor != 0) anchors_[anchor] = {node, 1, 1, true};
    if (!open_.empty()) ++open_.back().nodes;
    note_height(1);
    return node;
  }
  void attach(const YAML::Mark& mark, const YamlNode* node) {
    if (open_.empty()) {
      root_ = node;
      return;
    }
    YamlNode* parent = open_.back().node;
    const bool is_key = parent->kind == YamlKind::map && parent->children.size() % 2 == 0;
    if (is_key && node->kind != YamlKind::scalar)
      throw Refused{mark, "A key must be a plain name."};
    if (is_key && node->text == "<<" && !node->quoted) {
      throw Refused{mark, "Merge keys (<<) are not supported here."};
    }
    parent->children.push_back(node);
  }
  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlKind kind) {
    refuse_tag(mark, tag);
    YamlNode* node = make(mark, kind);
    attach(mark, node);
    if (anchor != 0) anchors_[anchor] = {node, 1, 1, false};
    open_.push_back({node, anchor});
  }
  void close() {
    const Open done = open_.back();
    open_.pop_back();
    if (done.anchor != 0) anchors_[done.anchor] = {done.node, done.nodes, done.height, true};
    if (!open_.empty()) open_.back().nodes += done.nodes;
    note_height(done.height);
  }

  std::deque<YamlNode>& nodes_;
  const Lines& lines_;
  const YamlLimits& limits_;
  const YamlNode* root_ = nullptr;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, Anchor> anchors_;
  std::size_t total_ = 0;
};

class OneDocumentOnly final : public YAML::EventHandler {
  [[noreturn]] static void refuse(const YAML::Mark& mark) {
    throw Refused{mark, "A second document begins here; the file must hold one."};
  }
  void OnDocumentStart(const YAML::Mark& mark) override { refuse(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { refuse(mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                const std::string&) override {
    refuse(mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    refuse(mark);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    refuse(mark);
  }
  void OnMapEnd() override {}
};

// yaml-cpp takes U+0004 for the end of the file and mends bad UTF-8: neither may hide a part of it.
void refuse_bad_characters(std::string_view text) {
  YAML::Mark mark;
  mark.pos = mark.line = mark.column = 0;
  for (const char* at = text.data(); at != text.data() + text.size();) {
    const char* const begin = at;
    const auto code = Utf8::decode(at, text.data() + text.size());
    if (code == boost::nowide::utf::illegal || code == boost::nowide::utf::incomplete) {
      throw Refused{mark, "The file is not valid UTF-8 here."};
    }
    const bool control = (code < 0x20 && code != '\t' && code != '\n' && code != '\r') ||
                         (code >= 0x7F && code < 0xA0) || code == 0xFEFF;
    if (control) throw Refused{mark, "A control character stands here."};
    if (code == '\n') {
      ++mark.line;
      mark.column = 0;
    } else {
      mark.column += static_cast<int>(at - begin);
    }
  }
}

const YamlNode* build(std::string_view text, const Lines& lines, std::deque<YamlNode>& nodes,
                      const YamlLimits& limits) {
  refuse_bad_characters(text);
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  Builder builder(nodes, lines, limits);
  if (!parser.HandleNextDocument(builder) || builder.root() == nullptr) {
    throw Refused{{}, "The file is empty."};
  }
  OneDocumentOnly second;
  (void)parser.HandleNextDocument(second);
  return builder.root();
}

Problem problem_at(std::size_t line, std::size_t column, std::string message) {
  Problem out;
  out.line = line;
  out.column = column;
  out.message = std::move(message);
  return out;
}

// What people write for YAML and is none; else yaml-cpp's own words.
Problem problem_of_yaml(const Lines& lines, const YAML::Exception& bad) {
  const std::size_t last = lines.line(bad.mark);
  if (const std::size_t tab = lines.indented_by_tab(last); tab > 0)
    return problem_at(tab, 1, "A tab indents this line; YAML takes blanks alone.");
  for (const std::size_t line : {last, last - 1}) {
    const std::string_view text = lines.text_of(line);
    const std::string_view sign = full_width_sign(text);
    if (sign.empty()) continue;
    YAML::Mark mark;
    mark.line = static_cast<int>(line) - 1;
    mark.column = static_cast<int>(text.find(sign));
    return problem_at(line, lines.column(mark), "This is not YAML. " + no_sign_of_yaml(sign));
  }
  return problem_at(last, lines.column(bad.mark), "This is not YAML: " + bad.msg + ".");
}

void note_duplicates(const std::deque<YamlNode>& nodes, YamlProblems& problems) {
  for (const YamlNode& node : nodes) {
    if (node.kind != YamlKind::map) continue;
    std::unordered_set<std::string_view> seen;
    for (std::size_t i = 0; i < node.children.size(); i += 2) {
      const YamlNode& key = *node.children[i];
      if (seen.insert(key.text).second) continue;
      problems.add(
          problem_at(key.line, key.column, "The key " + quoted_name(key.text) + " occurs twice."));
    }
  }
}

}  // namespace

YamlDocument::YamlDocument(std::string_view text, YamlProblems& problems, YamlLimits limits)
    : problems_(&problems) {
  if (text.size() > limits.bytes_max) {
    problems.add(problem_at(
        1, 1, "The file is larger than " + std::to_string(limits.bytes_max) + " bytes."));
    return;
  }
  text = without_byte_order_mark(text);
  const Lines lines(text);
  try {
    root_ = build(text, lines, nodes_, limits);
    note_duplicates(nodes_, problems);
  } catch (const Refused& refused) {
    problems.add(problem_at(lines.line(refused.mark), lines.column(refused.mark), refused.message));
  } catch (const YAML::Exception& bad) {
    problems.add(problem_of_yaml(lines, bad));
  } catch (const std::exception&) {
    problems.add(problem_at(1, 1, "The file cannot be read as YAML."));
  }
}

}  // namespace menshen::core
