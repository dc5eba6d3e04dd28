#include "audit/cosignature_audit.h"

#include <algorithm>

namespace menshen::audit {

CosignatureAudit::CosignatureAudit(std::vector<Witness> witnesses, std::size_t quorum)
    : witnesses_(std::move(witnesses)) {
  result_.quorum = witnesses_.empty() ? 0 : std::max<std::size_t>(quorum, 1);
  for (const Witness& each : witnesses_)
    result_.witnesses.push_back({each.verifier.key().name(), each.operator_name});
}

std::optional<std::string> CosignatureAudit::add(const std::string& note, std::uint64_t size) {
  if (witnesses_.empty()) return std::nullopt;
  const auto found = cosignatures_of(note, witnesses_);
  if (!found) return found.error().message;
  for (const Cosignature& each : *found) {
    WitnessSeen& seen = result_.witnesses[each.witness];
    if (seen.time == 0 || size >= seen.records) seen.time = each.time;
    seen.records = std::max(seen.records, size);
  }
  if (operators_of(*found, witnesses_) >= result_.quorum)
    result_.records = std::max(result_.records.value_or(0), size);
  return std::nullopt;
}

std::optional<std::string> CosignatureAudit::missing() const {
  if (result_.quorum == 0 || result_.records) return std::nullopt;
  return "No head has the cosignatures of " + std::to_string(result_.quorum) +
         " operators of witnesses.";
}

}  // namespace menshen::audit
