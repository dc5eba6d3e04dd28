#include "proxy/pipeline/tally.h"

#include <algorithm>
#include <map>

namespace menshen::pipeline {

Tally::Count& Tally::of(const core::FindingType& type) {
  const auto known = std::ranges::find(counts, &type, &Count::type);
  if (known != counts.end()) return *known;
  return counts.emplace_back(Count{&type, 0, 0});
}

void Tally::add(std::string_view rule, core::Action action, bool enforced) {
  // Rules fire for one finding in the order in which they fired for the last: the next one is tried
  // first, so that many rules cost no search each.
  for (std::size_t i = 0; i < rules.size(); ++i, ++next_rule_) {
    if (next_rule_ >= rules.size()) next_rule_ = 0;
    Fired& known = rules[next_rule_];
    if (known.rule != rule || known.enforced != enforced) continue;
    ++known.count;
    ++next_rule_;
    return;
  }
  rules.push_back({rule, action, enforced, 1});
  next_rule_ = rules.size();
}

void Tally::fired(const policies::Verdict& verdict) {
  strongest(verdict.action);
  if (verdict.rule != nullptr) add(*verdict.rule, verdict.action, true);
}

void Tally::fired_shadow(const std::vector<const std::string*>& shadow) {
  for (const std::string* rule : shadow) add(*rule, core::Action::allow, false);
}

std::string redactions_header(const Tally& request, const Tally& response) {
  std::map<std::string_view, std::uint32_t> sums;
  for (const Tally* tally : {&request, &response}) {
    for (const Tally::Count& count : tally->counts) {
      if (count.redacted > 0) sums[count.type->name] += count.redacted;
    }
  }
  std::string out;
  for (const auto& [name, count] : sums) {
    if (!out.empty()) out.append(", ");
    out.append(name).append("=").append(std::to_string(count));
  }
  return out;
}

}  // namespace menshen::pipeline
