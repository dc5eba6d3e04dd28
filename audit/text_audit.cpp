#include "audit/text_audit.h"

#include "audit/files.h"
#include "core/digest.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace menshen::audit {
namespace {

bool is_hash(std::string_view text) {
  return text.size() == 2 * sizeof(core::Digest) && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

std::optional<TextAudit::Wrong> TextAudit::check(const std::string& hash) {
  if (!is_hash(hash) || known_.contains(hash)) return std::nullopt;
  if (known_.size() == texts_remembered_max) known_.clear();
  known_.insert(hash);
  return compare(hash);
}

std::uint64_t TextAudit::take_bytes_read() noexcept { return std::exchange(bytes_read_, 0); }

std::optional<TextAudit::Wrong> TextAudit::compare(const std::string& hash) {
  const std::string name = folder_.path.filename().string() + "/" + hash + folder_.extension;
  const auto text = read_file(folder_.path / (hash + folder_.extension), text_bytes_max);
  if (!text) return Wrong{false, "The file " + name + " cannot be read: " + text.error().message};
  if (!*text)
    return Wrong{true, "The text of a " + folder_.of + " that it names is gone: " + name + "."};
  bytes_read_ += (*text)->size();
  if (core::to_hex(core::as_text(core::sha256(**text))) == hash) return std::nullopt;
  return Wrong{false, "The text of a " + folder_.of + " that it names was altered: " + name + "."};
}

}  // namespace menshen::audit
