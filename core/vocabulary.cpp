// Names of the enumerations in segment.h, finding.h, opaque.h, decision.h and exchange.h, in one
// place so that config, policies, records and the API spell them alike.
#include "core/decision.h"
#include "core/exchange.h"
#include "core/finding.h"
#include "core/opaque.h"
#include "core/segment.h"

#include <algorithm>
#include <span>
#include <utility>

namespace menshen::core {
namespace {

template <class E>
using Names = std::span<const std::pair<E, std::string_view>>;

template <class E>
std::string_view name_of(Names<E> names, E value) noexcept {
  const auto found = std::ranges::find(names, value, &std::pair<E, std::string_view>::first);
  return found == names.end() ? std::string_view{"unknown"} : found->second;
}

template <class E>
std::optional<E> value_of(Names<E> names, std::string_view name) noexcept {
  const auto found = std::ranges::find(names, name, &std::pair<E, std::string_view>::second);
  if (found == names.end()) return std::nullopt;
  return found->first;
}

constexpr std::pair<Direction, std::string_view> directions[] = {{Direction::request, "request"},
                                                                 {Direction::response, "response"}};
constexpr std::pair<Role, std::string_view> roles[] = {
    {Role::system, "system"},         {Role::user, "user"},
    {Role::assistant, "assistant"},   {Role::tool, "tool"},
    {Role::definition, "definition"}, {Role::metadata, "metadata"}};
constexpr std::pair<Category, std::string_view> categories[] = {
    {Category::pii, "pii"},
    {Category::name, "name"},
    {Category::secret, "secret"},
    {Category::injection, "injection"},
    {Category::toxicity, "toxicity"},
    {Category::bias, "bias"},
    {Category::ungrounded, "ungrounded"}};
constexpr std::pair<OpaqueKind, std::string_view> opaque_kinds[] = {
    {OpaqueKind::image, "image"},
    {OpaqueKind::audio, "audio"},
    {OpaqueKind::video, "video"},
    {OpaqueKind::file, "file"},
    {OpaqueKind::encrypted_reasoning, "encrypted_reasoning"},
    {OpaqueKind::stored_reference, "stored_reference"},
    {OpaqueKind::token_array, "token_array"},
    {OpaqueKind::hosted_tool, "hosted_tool"},
    {OpaqueKind::remote_url, "remote_url"},
    {OpaqueKind::other, "other"}};
constexpr std::pair<Action, std::string_view> actions[] = {{Action::allow, "allow"},
                                                           {Action::annotate, "annotate"},
                                                           {Action::redact, "redact"},
                                                           {Action::deny, "deny"}};
constexpr std::pair<RedactAs, std::string_view> redactions[] = {
    {RedactAs::mask, "mask"},
    {RedactAs::tag, "tag"},
    {RedactAs::hash, "hash"},
    {RedactAs::pseudonym, "pseudonym"}};
constexpr std::pair<Operation, std::string_view> operations[] = {
    {Operation::chat, "chat"},
    {Operation::completion, "completion"},
    {Operation::embeddings, "embeddings"},
    {Operation::models, "models"}};
constexpr std::pair<SubjectKind, std::string_view> subject_kinds[] = {
    {SubjectKind::user, "user"}, {SubjectKind::service, "service"}};

}  // namespace

std::string_view to_string(Direction v) noexcept { return name_of<Direction>(directions, v); }
std::string_view to_string(Role v) noexcept { return name_of<Role>(roles, v); }
std::string_view to_string(Category v) noexcept { return name_of<Category>(categories, v); }
std::string_view to_string(OpaqueKind v) noexcept { return name_of<OpaqueKind>(opaque_kinds, v); }
std::string_view to_string(Action v) noexcept { return name_of<Action>(actions, v); }
std::string_view to_string(RedactAs v) noexcept { return name_of<RedactAs>(redactions, v); }
std::string_view to_string(Operation v) noexcept { return name_of<Operation>(operations, v); }
std::string_view to_string(SubjectKind v) noexcept {
  return name_of<SubjectKind>(subject_kinds, v);
}

std::optional<Direction> direction_from(std::string_view n) noexcept {
  return value_of<Direction>(directions, n);
}
std::optional<Role> role_from(std::string_view n) noexcept { return value_of<Role>(roles, n); }
std::optional<OpaqueKind> opaque_kind_from(std::string_view n) noexcept {
  return value_of<OpaqueKind>(opaque_kinds, n);
}
std::optional<Action> action_from(std::string_view n) noexcept {
  return value_of<Action>(actions, n);
}
std::optional<Operation> operation_from(std::string_view n) noexcept {
  return value_of<Operation>(operations, n);
}
std::optional<SubjectKind> subject_kind_from(std::string_view n) noexcept {
  return value_of<SubjectKind>(subject_kinds, n);
}

}  // namespace menshen::core
