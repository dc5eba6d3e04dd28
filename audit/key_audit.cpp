#include "audit/key_audit.h"

#include <algorithm>
#include <utility>

namespace menshen::audit {

KeyAudit::KeyAudit(const NoteVerifier& given, const NoteVerifier& first)
    : ring_(first), believed_{given}, given_came_(given == first), given_signed_(given_came_) {}

KeyAudit::KeyAudit(const KeyRing& all, std::uint64_t begin)
    : ring_(all.up_to(begin)), given_came_(true), given_signed_(true) {
  for (const KeysInForce& change : all.changes())
    believed_.insert(believed_.end(), change.keys.begin(), change.keys.end());
}

std::optional<std::string> KeyAudit::take(std::uint64_t seq, const Record& record) {
  auto keys = parse_keys_in_force(record.keys);
  if (!keys) return "the keys that it names are none. " + keys.error().message;
  if (keys->front().name() != ring_.last().front().name())
    return "the keys that it names are of another log.";
  given_came_ = given_came_ || std::ranges::find(*keys, believed_.front()) != keys->end();
  if (ring_.change(seq + 1, std::move(*keys))) return std::nullopt;
  return "the keys change for the " + std::to_string(key_changes_max) + "th time.";
}

bool KeyAudit::believe(const SignedHead& head, bool holds) {
  const auto known = [this](const NoteVerifier& key) { return believed(key); };
  if (!std::ranges::any_of(head.signers, known)) return !given_came_;
  if (!holds) return true;
  given_signed_ =
      given_signed_ || std::ranges::find(head.signers, believed_.front()) != head.signers.end();
  for (const NoteVerifier& key : ring_.last()) {
    if (!believed(key)) believed_.push_back(key);
  }
  return true;
}

std::optional<std::string> KeyAudit::doubt(const SignedHead& head) {
  const std::uint64_t from = ring_.at(head.checkpoint.size).from;
  if (std::exchange(doubted_from_, from) == from) return std::nullopt;
  return "no key that leads from the given one has signed it: none signed a head over the record "
         "that brought its key in.";
}

bool KeyAudit::believed(const NoteVerifier& key) const {
  return std::ranges::find(believed_, key) != believed_.end();
}

}  // namespace menshen::audit
