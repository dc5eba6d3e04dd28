#include "proxy/pipeline/tally.h"

#include "core/hex.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>

namespace menshen::pipeline {

Tally::Count& Tally::of(const core::FindingType& type) {
  const auto known = std::ranges::find(counts, &type, &Count::type);
  if (known != counts.end()) return *known;
  return counts.emplace_back(Count{&type, 0, 0, 0, 0});
}

Tally::Fired& Tally::entry(std::string_view rule, core::Action action, bool enforced) {
  // Rules fire for one finding in the order in which they fired for the last: the next one is tried
  // first, so that many rules cost no search each.
  for (std::size_t i = 0; i < rules.size(); ++i, ++next_rule_) {
    if (next_rule_ >= rules.size()) next_rule_ = 0;
    Fired& known = rules[next_rule_];
    if (known.rule != rule || known.enforced != enforced || known.action != action) continue;
    ++next_rule_;
    return known;
  }
  next_rule_ = rules.size() + 1;
  return rules.emplace_back(Fired{rule, action, enforced, 0});
}

void Tally::Fired::add(std::string_view what) {
  const auto known = std::ranges::find(matched, what, &Matched::what);
  if (known != matched.end()) {
    ++known->count;
  } else {
    matched.push_back({what, 1});
  }
}

void Tally::fired(const policies::Verdict& verdict, std::span<const std::string_view> what) {
  strongest(verdict.action);
  const bool annotates = verdict.action == core::Action::annotate;
  if (verdict.rule == nullptr && !annotates) return;
  Fired& fired = entry(verdict.rule == nullptr ? by_default : *verdict.rule, verdict.action, true);
  ++fired.count;
  note_fired(fired);
  if (!annotates) return;
  for (const std::string_view name : what) fired.add(name);
}

void Tally::fired(std::span<const policies::Match> matches, bool enforced) {
  ++turn_;
  for (const policies::Match& match : matches) {
    if (!enforced) shadow = std::max(shadow.value_or(match.action), match.action);
    Fired& fired = entry(*match.rule, match.action, enforced);
    if (std::exchange(fired.last_turn, turn_) != turn_) {
      ++fired.count;
      note_fired(fired);
    }
    if (!enforced || match.action == core::Action::annotate) fired.add(match.of);
  }
}

void Tally::note_fired(const Fired& fired) {
  if (in_finding_) fired_.push_back(static_cast<std::uint32_t>(&fired - rules.data()));
}

void Tally::settle(const core::Finding& finding, core::Role role, core::Action action) {
  // Confidences are written as decimal fractions, which a float misses by less than this.
  constexpr float slack = 1e-4F;
  const auto hundredths = static_cast<std::uint8_t>(finding.confidence * 100.0F + slack);
  const auto alike = [&](const Group& group) {
    return !group.summed && group.type == finding.type && group.role == role &&
           group.confidence == hundredths && group.action == action && group.rules == fired_;
  };
  const auto summed = [&](const Group& group) {
    return group.summed && group.type == finding.type && group.action == action;
  };
  in_finding_ = false;
  auto known = std::ranges::find_if(groups, alike);
  const bool full = known == groups.end() && groups.size() >= groups_max;
  if (full) known = std::ranges::find_if(groups, summed);
  if (known != groups.end()) {
    ++known->count;
  } else if (full) {
    groups.push_back({finding.type, core::Role::metadata, 0, action, true, {}, 1});
  } else {
    groups.push_back({finding.type, role, hundredths, action, false, fired_, 1});
  }
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

std::string decision_header(std::string_view decision, const Tally& request,
                            const Tally& response) {
  std::string out(decision);
  // An absent one is less than any other.
  if (const auto shadow = std::max(request.shadow, response.shadow)) {
    out.append(";shadow=").append(core::to_string(*shadow));
  }
  return out;
}

std::string score_text(float score) {
  char text[16];
  std::snprintf(text, sizeof text, "%.2f", static_cast<double>(score));
  return text;
}

namespace {

// Letters, digits, `_`, `-` and `.` as they are, other bytes as in URLs.
void append_id(std::string& out, std::string_view id) {
  for (const char c : id) {
    if (static_cast<unsigned char>(c) < 0x80) {
      out.push_back(c);
    } else {
      core::append_percent_encoded(out, c);
    }
  }
}

std::string annotation(const Tally::Fired& fired, const core::Scores& scores,
                       std::string_view direction) {
  std::string out;
  append_id(out, fired.rule);
  out.append(";in=").append(direction);
  for (const auto& [what, count] : fired.matched) {
    const auto is_this = [&](const core::Score& score) { return score.kind->name == what; };
    const auto score = std::ranges::find_if(scores.all(), is_this);
    out.append(";").append(what).append("=");
    out.append(score == scores.all().end() ? std::to_string(count) : score_text(score->value));
  }
  return out;
}

}  // namespace

std::string annotations_header(const Tally& request, const Tally& response) {
  std::string out;
  std::size_t left_out = 0;
  const auto append = [&](const Tally& tally, std::string_view direction) {
    for (const Tally::Fired& fired : tally.rules) {
      if (!fired.enforced || fired.action != core::Action::annotate) continue;
      const std::string next = annotation(fired, tally.scores, direction);
      if (out.size() + next.size() + 2 > annotations_bytes_max) {
        ++left_out;
        continue;
      }
      out.append(out.empty() ? "" : ", ").append(next);
    }
  };
  append(request, core::to_string(core::Direction::request));
  append(response, core::to_string(core::Direction::response));
  if (left_out > 0) {
    out.append(out.empty() ? "" : ", ").append("(more);rules=").append(std::to_string(left_out));
  }
  return out;
}

}  // namespace menshen::pipeline
