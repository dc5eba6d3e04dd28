#include "proxy/protocol/references.h"

#include "proxy/protocol/fold.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace menshen::protocol {

namespace {

using Kind = core::OpaqueKind;

constexpr std::size_t returned_steps_max = 8;

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_base64_byte(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/' || c == '-' || c == '_' || c == '=' || c == '\\';
}

constexpr bool is_scheme_byte(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

// The character of the raw string at `at`, which is moved past it; one beyond ASCII is '?'.
char next_character(std::string_view raw, std::size_t& at) noexcept {
  const char c = raw[at++];
  if (c != '\\' || at == raw.size()) return c;
  const char escape = raw[at++];
  if (std::string_view("bfnrt").find(escape) != std::string_view::npos) return '\n';
  if (escape != 'u') return escape;
  const std::size_t end = std::min(at + 4, raw.size());
  unsigned unit = 0;
  std::from_chars(raw.data() + at, raw.data() + end, unit, 16);
  at = end;
  return unit < 0x80 ? static_cast<char>(unit) : '?';
}

// How a URL begins, as parsers read it: without blanks in front, without line ends and tabs
// anywhere, without regard to case. Empty where nothing can be the scheme of one.
std::string url_head(std::string_view raw) {
  constexpr std::size_t head_bytes_max = 40;
  std::string head;
  const std::string_view begin = raw.substr(0, head_bytes_max);
  const auto separates = [](char c) { return c == ':' || c == '\\' || c == '/'; };
  if (begin.empty() || (begin[0] != ' ' && std::none_of(begin.begin(), begin.end(), separates)))
    return head;
  for (std::size_t at = 0; at < raw.size() && head.size() < head_bytes_max;) {
    const char c = next_character(raw, at);
    const bool blank = static_cast<unsigned char>(c) < 0x20 || (c == ' ' && head.empty());
    if (!blank) head.push_back(c == '\\' ? '/' : lower(c));
  }
  return head;
}

// Almost no text does, which its first byte says already.
bool begins_with_scheme(std::string_view raw, std::string_view scheme) {
  const char first = raw.empty() ? '?' : raw.front();
  const bool may_be =
      lower(first) == scheme.front() || first == '\\' || static_cast<unsigned char>(first) <= ' ';
  return may_be && url_head(raw).starts_with(scheme);
}

// The name of a tool's type, then nothing or the date of its version: "bash_20250124".
bool is_version_of(std::string_view type, std::string_view name) noexcept {
  constexpr std::size_t date_digits = 8;
  if (!type.starts_with(name)) return false;
  const std::string_view version = type.substr(name.size());
  if (version.empty()) return true;
  return version.size() == date_digits + 1 && version[0] == '_' &&
         std::all_of(version.begin() + 1, version.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

// A tool of this type does what it does where the caller wants it.
bool is_client_type(std::string_view type) noexcept {
  static constexpr std::array<std::string_view, 10> kinds{
      "function",    "custom", "computer",    "computer_use_preview", "bash",
      "text_editor", "memory", "local_shell", "apply_patch",          "tool_reference"};
  return std::any_of(kinds.begin(), kinds.end(),
                     [type](std::string_view kind) { return is_version_of(type, kind); });
}

// What may stand in the definition of a tool of the caller's own.
bool is_definition_field(Word word) noexcept {
  switch (word) {
    case "allowed_callers"_w:
    case "cache_control"_w:
    case "custom"_w:
    case "defer_loading"_w:
    case "description"_w:
    case "eager_input_streaming"_w:
    case "format"_w:
    case "function"_w:
    case "input_examples"_w:
    case "input_schema"_w:
    case "name"_w:
    case "parameters"_w:
    case "strict"_w:
    case "title"_w:
    case "type"_w: return true;
    default: return false;
  }
}

// Without a type the caller runs it if it is named and says nothing but what such tools say:
// {"google_search": {}} is the provider's.
bool is_plain_definition(const Tape& tape, NodeId tool) {
  bool named = false;
  bool plain = true;
  tape.each_field(tool, [&](NodeId key, NodeId) {
    const Word word = tape.nodes[key].word;
    named = named || word == "name"_w || word == "function"_w || word == "custom"_w;
    plain = plain && is_definition_field(word);
  });
  return named && plain;
}

bool asks_for_a_search(const Tape& tape, NodeId tool) {
  bool asks = false;
  tape.each_field(tool,
                  [&](NodeId key, NodeId) { asks = asks || !reference_kinds(tape, key).empty(); });
  return asks;
}

bool all_run_at_the_client(const Tape& tape, NodeId tools) {
  if (tools == no_node || !tape.is(tools, NodeKind::array)) return false;
  bool all = true;
  tape.each_element(tools, [&](NodeId tool) { all = all && runs_at_the_client(tape, tool); });
  return all;
}

// Types of tools that providers run, in a place where tools are not expected.
bool is_hosted_type(std::string_view type) noexcept {
  static constexpr std::array<std::string_view, 11> kinds{
      "web_search",       "web_search_preview", "web_fetch", "code_execution",
      "code_interpreter", "file_search",        "mcp",       "mcp_toolset",
      "image_generation", "google_search",      "x_search"};
  return std::any_of(kinds.begin(), kinds.end(),
                     [type](std::string_view kind) { return is_version_of(type, kind); });
}

std::string folded_name(const Tape& tape, NodeId key) {
  return fold_name(tape.nodes[key].escaped ? tape.decoded(key) : tape.raw(key));
}

// What a router of reasoning models gives back to be sent again: nobody can read it.
bool is_encrypted(const Tape& tape, NodeId type_key) {
  const NodeId data = tape.find(tape.nodes[type_key].parent, "data"_w);
  return tape.says(type_key + 1, "reasoning.encrypted") && data != no_node && is_in_use(tape, data);
}

// Goes on through a text, character by character, until it has read "fileid://".
bool holds_file_scheme(std::string_view raw) noexcept {
  constexpr std::string_view scheme = "fileid://";
  std::size_t read = 0;
  for (std::size_t at = 0; at < raw.size() && read < scheme.size();) {
    const char c = lower(next_character(raw, at));
    read = c == scheme[read] ? read + 1 : c == scheme[0] ? 1 : 0;
  }
  return read == scheme.size();
}

// The field that a stored item of this type would fill in; no_word: any will do.
Word content_field(Word type) noexcept {
  switch (type) {
    case no_word:
    case "message"_w: return "content"_w;
    case "code_interpreter_call"_w: return "code"_w;
    case "file_search_call"_w: return "queries"_w;
    case "image_generation_call"_w: return "result"_w;
    case "web_search_call"_w: return "action"_w;
    default: return no_word;
  }
}

// Names an item, or says how far it is, but not what is in it.
bool is_label(Word word) noexcept {
  switch (word) {
    case "call_id"_w:
    case "container_id"_w:
    case "created_by"_w:
    case "id"_w:
    case "role"_w:
    case "server_label"_w:
    case "status"_w:
    case "type"_w: return true;
    default: return false;
  }
}

}  // namespace

bool is_data_url(std::string_view raw) { return begins_with_scheme(raw, "data:"); }

std::size_t tame_data_head(std::string_view raw) noexcept {
  constexpr std::array<std::string_view, 5> kinds{"application", "audio", "image", "text", "video"};
  constexpr std::size_t subtype_bytes_max = 80;
  constexpr std::ptrdiff_t subtype_digits_max = 2;  // mp4, 3gpp
  if (!raw.starts_with("data:")) return 0;
  const std::size_t end = raw.find(";base64,");
  const std::size_t slash = raw.find('/');
  if (end == std::string_view::npos || slash > end || end - slash > subtype_bytes_max) return 0;
  std::string_view kind = raw.substr(5, slash - 5);
  if (kind.ends_with('\\')) kind.remove_suffix(1);  // some writers escape the slash
  const std::string_view subtype = raw.substr(slash + 1, end - slash - 1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool tame = std::find(kinds.begin(), kinds.end(), kind) != kinds.end() &&
                    std::all_of(subtype.begin(), subtype.end(), is_scheme_byte) &&
                    std::count_if(subtype.begin(), subtype.end(), is_digit) <= subtype_digits_max;
  return tame ? end + 8 : 0;
}

bool is_encoded_data(std::string_view raw) noexcept {
  if (raw.size() < encoded_data_bytes_min) return false;
  const std::string_view data = raw.substr(tame_data_head(raw));
  return data.size() >= encoded_data_bytes_min &&
         std::all_of(data.begin(), data.end(), is_base64_byte);
}

bool is_link(std::string_view raw) {
  const std::string head = url_head(raw);
  if (head.starts_with("//")) return true;
  const auto end = std::find_if_not(head.begin(), head.end(), is_scheme_byte);
  if (end == head.begin() || end == head.end() || *end != ':') return false;
  const std::string_view scheme(head.begin(), end);
  const std::string_view rest(end + 1, head.end());
  // Parsers make up for slashes that are missing behind the schemes that they know.
  const bool fetched = scheme == "http" || scheme == "https" || scheme == "file";
  return rest.starts_with("//") || (fetched && !rest.empty() && rest[0] != ' ');
}

bool names_stored_files(std::string_view raw, core::Role role) {
  if (role == core::Role::system) return holds_file_scheme(raw);
  return role == core::Role::user && begins_with_scheme(raw, "fileid://");
}

core::OpaqueKinds written_kinds(std::string_view raw, bool links) {
  if (is_data_url(raw)) {
    const std::string head = url_head(raw);
    const std::string_view type = std::string_view(head).substr(sizeof("data:") - 1);
    if (type.starts_with("image/")) return Kind::image;
    if (type.starts_with("audio/")) return Kind::audio;
    if (type.starts_with("video/")) return Kind::video;
    return Kind::file;
  }
  if (is_encoded_data(raw)) return Kind::other;
  if (links && is_link(raw)) return Kind::remote_url;
  return {};
}

core::OpaqueKinds reference_kinds(const Tape& tape, NodeId key) {
  const Word word = tape.nodes[key].word;
  return word != no_word ? media_kinds(word) | tape.words->refers(word)
                         : folded_reference_kinds(folded_name(tape, key));
}

bool names_models(const Tape& tape, NodeId key) {
  static constexpr std::array<std::string_view, 5> lists{"model", "modelid", "modellist",
                                                         "modelname", "models"};
  const std::string name = folded_name(tape, key);
  return name.find("fallback") != std::string::npos ||
         std::find(lists.begin(), lists.end(), name) != lists.end();
}

bool is_in_use(const Tape& tape, NodeId value) noexcept {
  switch (tape.nodes[value].kind) {
    case NodeKind::null: return false;
    case NodeKind::boolean: return tape.raw(value) == "true";
    case NodeKind::string: return !tape.raw(value).empty();
    case NodeKind::array: return tape.nodes[value].next != value + 1 || tape.nodes[value].packed;
    default: return true;
  }
}

core::OpaqueKinds resolved_kinds(const Tape& tape, NodeId key) {
  const NodeId value = key + 1;
  const Word word = tape.nodes[key].word;
  if (word == "type"_w && tape.is(value, NodeKind::string)) {
    if (is_hosted_type(tape.decoded(value))) return Kind::hosted_tool;
    if (is_encrypted(tape, key)) return Kind::encrypted_reasoning;
    return {};
  }
  if (word == "tools"_w && !all_run_at_the_client(tape, value)) return Kind::hosted_tool;
  if (word == "tools"_w) return {};
  const core::OpaqueKinds kinds = reference_kinds(tape, key);
  return !kinds.empty() && is_in_use(tape, value) ? kinds : core::OpaqueKinds();
}

bool runs_at_the_client(const Tape& tape, NodeId tool) {
  if (!tape.is(tool, NodeKind::object)) return false;
  const NodeId type = tape.find(tool, "type"_w);
  if (type == no_node || tape.is(type, NodeKind::null)) return is_plain_definition(tape, tool);
  if (!tape.is(type, NodeKind::string) || asks_for_a_search(tape, tool)) return false;
  const std::string name = tape.decoded(type);
  if (name == "namespace") return all_run_at_the_client(tape, tape.find(tool, "tools"_w));
  if (name == "tool_search") return tape.word_of(tape.find(tool, "execution"_w)) == "client"_w;
  if (name == "shell") {
    const NodeId environment = tape.find(tool, "environment"_w);
    return environment != no_node && tape.word_of(tape.find(environment, "type"_w)) == "local"_w;
  }
  if (name == "tool_definition") {
    const NodeId definition = tape.find(tool, "definition"_w);
    return definition != no_node && runs_at_the_client(tape, definition);
  }
  return is_client_type(name);
}

bool refers_to_an_item(const Tape& tape, NodeId item) {
  if (!tape.has(item, "id"_w)) return false;
  const NodeId type = tape.find(item, "type"_w);
  const Word word = tape.word_of(type);
  if (word == "reasoning"_w) return false;
  const bool typed = type != no_node && !tape.is(type, NodeKind::null);
  const Word content = typed && word == no_word ? no_word : content_field(word);
  if (content != no_word) {
    const NodeId value = tape.find(item, content);
    return value == no_node || !is_in_use(tape, value);
  }
  bool labels = true;
  tape.each_field(item, [&](NodeId key, NodeId value) {
    labels = labels && (is_label(tape.nodes[key].word) || tape.is(value, NodeKind::null));
  });
  return labels;
}

bool is_returned(const Tape& tape, NodeId key) {
  std::array<Word, returned_steps_max> steps{};
  std::size_t at = steps.size();
  for (NodeId node = key; node != 0; node = tape.nodes[node].parent) {
    const bool entry = tape.is(tape.nodes[node].parent, NodeKind::array);
    if (!entry && !tape.is(node, NodeKind::key)) continue;  // the value of a key
    if (at == 0 || (!entry && tape.nodes[node].word == no_word)) return false;
    steps[--at] = entry ? no_word : tape.nodes[node].word;
  }
  const NodeId object = tape.nodes[key].parent;
  return tape.words->returns(std::span(steps).subspan(at),
                             tape.word_of(tape.find(object, "type"_w)));
}

core::OpaqueKinds brought_kinds(std::string_view model) {
  std::string name(model);
  std::transform(name.begin(), name.end(), name.begin(), lower);
  constexpr std::string_view suffix = ":online";
  core::OpaqueKinds kinds;
  std::size_t at = 0;
  while ((at = name.find(suffix, at)) != std::string::npos) {
    const std::size_t end = at + suffix.size();
    if (end == name.size() || name[end] == ':' || name[end] == ' ') kinds |= Kind::hosted_tool;
    at = end;
  }
  if (name.find("@preset/") != std::string::npos) kinds |= Kind::stored_reference;
  return kinds;
}

}  // namespace menshen::protocol
