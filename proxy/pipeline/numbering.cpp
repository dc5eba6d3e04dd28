#include "proxy/pipeline/numbering.h"

#include "proxy/pipeline/document_texts.h"
#include "proxy/pipeline/placeholder.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <string>
#include <tuple>

namespace menshen::pipeline {
namespace {

enum class Rank : std::uint8_t { said_always, conversation, about };

bool converses(core::Role role) noexcept {
  return role == core::Role::user || role == core::Role::assistant || role == core::Role::tool;
}

// The member that a leaf stands in, counted from 1; 0: in none.
std::size_t member_at(std::span<const protocol::Member> members, std::uint32_t offset) {
  const auto next = std::ranges::upper_bound(members, offset, {}, &protocol::Member::begin);
  return static_cast<std::size_t>(next - members.begin());
}

PlaceholderTags tags_found(const Inspected& inspected, std::span<const TextBeside> beside) {
  std::set<std::string> tags;
  const auto add = [&](std::span<const core::Finding> findings) {
    for (const core::Finding& finding : findings) tags.emplace(finding.type->tag);
  };
  add(inspected.findings);
  for (const TextBeside& text : beside) add(text.findings);
  return PlaceholderTags(std::vector<std::string>(tags.begin(), tags.end()));
}

// Items and responses that a request goes on with; files and prompts of the provider's are none.
bool is_history(const protocol::Document& document, const protocol::Leaf& leaf) {
  if (!leaf.kinds().has(core::OpaqueKind::stored_reference)) return false;
  const std::string at = document.pointer(leaf);
  const bool is_item = at.starts_with("/input/") && at.find('/', 7) == std::string::npos;
  return is_item || at.starts_with("/previous_response_id") || at.starts_with("/conversation");
}

}  // namespace

std::vector<std::uint32_t> numbering_order(const protocol::Document& document,
                                           std::span<const FoundText> texts) {
  const std::vector<protocol::Member> members = document.members();
  std::vector<bool> is_conversation(members.size() + 1);
  for (const protocol::Leaf& leaf : document.leaves()) {
    if (converses(leaf.role)) is_conversation[member_at(members, leaf.begin)] = true;
  }
  const auto place_of = [&](const FoundText& text) {
    const protocol::Leaf& leaf = document.leaves()[text.leaves.front()];
    const std::size_t member = member_at(members, leaf.begin);
    const Rank rank = is_conversation[member]             ? Rank::conversation
                      : leaf.role == core::Role::metadata ? Rank::about
                                                          : Rank::said_always;
    const std::string_view name = member == 0 ? std::string_view() : members[member - 1].name;
    return std::tuple(rank, name, leaf.begin);
  };
  std::vector<std::tuple<Rank, std::string_view, std::uint32_t>> places;
  places.reserve(texts.size());
  for (const FoundText& text : texts) places.push_back(place_of(text));
  std::vector<std::uint32_t> order(texts.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](std::uint32_t i) { return places[i]; });
  return order;
}

core::Result<void> reserve_written(const protocol::Document& document, const Inspected& inspected,
                                   std::span<const TextBeside> beside, Pseudonyms& given,
                                   const std::stop_token& stop) {
  const PlaceholderTags tags = tags_found(inspected, beside);
  const auto leaves = document.leaves();
  std::vector<Placeholder> written;
  const auto reserve = [&](PlaceholderReader& reader) {
    reader.finish(written);
    for (const Placeholder& placeholder : written) {
      given.reserve(placeholder.tag, placeholder.number);
    }
    written.clear();
  };
  for (const TextBeside& text : beside) {
    PlaceholderReader reader(tags, false);
    reader.feed(text.text, written);
    reserve(reader);
  }
  std::string scratch;
  return each_text(document, [&](std::span<const std::uint32_t> of_text) -> core::Result<void> {
    if (stop.stop_requested()) return work_stopped();
    PlaceholderReader reader(tags, leaves[of_text.front()].kind == protocol::LeafKind::json_text);
    for (const std::uint32_t leaf : of_text) {
      reader.feed(document.text(leaves[leaf], scratch), written);
    }
    reserve(reader);
    return {};
  });
}

core::Result<void> check_history(const protocol::Document& document,
                                 std::span<const std::uint32_t> opaque) {
  for (const std::uint32_t index : opaque) {
    const protocol::Leaf& leaf = document.leaves()[index];
    if (!is_history(document, leaf)) continue;
    return core::client_error(
        core::ErrorKind::forbidden, "history_elsewhere",
        "A rule of the policy gives pseudonyms, and the provider keeps the conversation that this "
        "names, so that nobody here knows which ones stand in it. Send the conversation itself.",
        document.pointer(leaf));
  }
  return {};
}

}  // namespace menshen::pipeline
