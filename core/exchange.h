// Who calls, and for what: the parts of an exchange that policies and records share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace menshen::core {

// What a caller wants done, whatever API it comes through. `chat` covers chat completions,
// responses, messages and counting the tokens of messages.
enum class Operation : std::uint8_t { chat, completion, embeddings, models };

enum class SubjectKind : std::uint8_t { user, service };

// The authenticated caller. Groups are sorted and unique, attributes sorted by name.
struct Subject {
  std::string id;
  SubjectKind kind = SubjectKind::user;
  std::vector<std::string> groups;
  std::string credential_id = {};  // id of the API key, never its secret
  std::string application = {};    // that the key was made for, as it states; empty: it does not
  // What else an authenticator knows of the caller: name and value.
  std::vector<std::pair<std::string, std::string>> attributes = {};
  // The caller is a service that may say for which person it calls.
  bool may_set_user = false;
  // Where it did so, `id` is the person and this is the service; else empty.
  std::string actor = {};
};

[[nodiscard]] std::string_view to_string(Operation operation) noexcept;
[[nodiscard]] std::string_view to_string(SubjectKind kind) noexcept;
[[nodiscard]] std::optional<Operation> operation_from(std::string_view name) noexcept;
[[nodiscard]] std::optional<SubjectKind> subject_kind_from(std::string_view name) noexcept;

}  // namespace menshen::core
