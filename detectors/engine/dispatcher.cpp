#include "detectors/engine/dispatcher.h"

#include "detectors/engine/encoded.h"
#include "detectors/values/boundary.h"

#include <algorithm>
#include <exception>
#include <new>
#include <stdexcept>

namespace menshen::detectors {
namespace {

core::Error failed(std::string_view detector, std::string_view what) {
  std::string message = "The detector ";
  message.append(detector).append(" could not tell: ").append(what);
  return core::gateway_error(core::ErrorKind::internal, "detector_failed", std::move(message));
}

// Memory that ran out is no fault of the detector, and keeps its name.
core::Error failed(std::string_view detector, const core::Error& error) {
  return error.kind == core::ErrorKind::unavailable ? error : failed(detector, error.message);
}

}  // namespace

std::string_view Window::context(std::size_t at) const noexcept {
  std::size_t from = at - std::min(at, core::context_bytes_max);
  while (from < at && (text[from] & '\xC0') == '\x80') ++from;
  return text.substr(from, at - from);
}

core::Result<void> Detector::look(const AnchorWindow&, Matches&) const { return {}; }

Detector::Worth Detector::worth_around(std::string_view, std::string_view, bool) const noexcept {
  return Worth::no;
}

std::size_t Detector::open_from(std::string_view text) const noexcept { return text.size(); }

core::Result<bool> Detector::around(const AroundWindow&, Matches&) const { return true; }

Dispatcher::Dispatcher(std::span<const Detector* const> detectors,
                       std::span<const NumberSpec* const> numbers,
                       std::span<const Tagger* const> taggers)
    : detectors_(detectors.begin(), detectors.end()), numbers_(numbers), anchors_(detectors) {
  set_taggers(taggers);
  if (detectors_.size() > detectors_max) throw std::length_error("too many detectors");
  for (std::size_t i = 0; i < detectors_.size(); ++i) {
    read_behind_[i] = detectors_[i]->reads_behind();
    if (detectors_[i]->reads_around()) {
      if (around_ != nullptr) throw std::logic_error("two detectors read around numbers");
      around_ = detectors_[i];
    }
    for (const Trigger& trigger : detectors_[i]->triggers()) {
      for (const std::string_view literal : trigger.literals)
        literals_.push_back({literal, wanted_.size()});
      wanted_.push_back({trigger, i});
    }
  }
  if (wanted_.size() > detectors_max) throw std::length_error("too many triggers");
  std::vector<std::string_view> texts;
  for (const Literal& literal : literals_) texts.push_back(literal.text);
  literal_index_ = PrefixIndex(texts);
  build_filters();
}

Dispatcher Dispatcher::with(std::span<const Tagger* const> taggers, bool around) const {
  Dispatcher out = *this;
  if (!around) out.around_ = nullptr;
  out.set_taggers(taggers);
  return out;
}

void Dispatcher::set_taggers(std::span<const Tagger* const> taggers) {
  taggers_.assign(taggers.begin(), taggers.end());
  told_types_.clear();
  const auto add_types_of = [&](const auto& recogniser) {
    told_types_.insert(told_types_.end(), recogniser.types().begin(), recogniser.types().end());
  };
  for (const Tagger* tagger : taggers_) add_types_of(*tagger);
  for (const Detector* detector : detectors_) {
    if (detector->told_by_words()) add_types_of(*detector);
  }
}

void Dispatcher::build_filters() {
  std::vector<RunClause> all(numbers_.clauses().begin(), numbers_.clauses().end());
  std::vector<RunClause> with_behind{EncodedTokens::clause};
  for (const auto& [trigger, detector] : wanted_) {
    RunClause clause{.bytes = trigger.bytes_min,
                     .digits = trigger.digits_min,
                     .content = trigger.content,
                     .next = trigger.next,
                     .before = trigger.before};
    if (!trigger.literals.empty()) {
      const auto shortest = std::ranges::min(trigger.literals, {}, &std::string_view::size);
      clause.bytes = std::max(clause.bytes, shortest.size());
    }
    (trigger.behind ? with_behind : all).push_back(clause);
  }
  // First: what passes these is asked for the others once it is given out.
  for (const RunClause& clause : with_behind) filter_.add(clause);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto weaker = [&](const RunClause& other) {
      const auto j = static_cast<std::size_t>(&other - all.data());
      return j != i && all[i].implies(other) && (j < i || !other.implies(all[i]));
    };
    if (std::ranges::any_of(all, weaker)) continue;
    values_.add(all[i]);
    filter_.add(all[i]);
  }
}

std::bitset<Dispatcher::detectors_max> Dispatcher::literals_in(const Window& window) const {
  std::bitset<detectors_max> found;
  for (std::size_t at = window.begin; at < window.owned_end; ++at) {
    literal_index_.for_each_at(window.text, at, [&](std::size_t number) {
      const std::size_t trigger = literals_[number].trigger;
      if (wanted_[trigger].trigger.inside || begins_token(window.text, at)) found.set(trigger);
      return true;
    });
  }
  return found;
}

std::bitset<Dispatcher::detectors_max> Dispatcher::select(const Window& window,
                                                          const RunWindow& run) const {
  std::bitset<detectors_max> worth;
  std::bitset<detectors_max> literals;
  bool literals_known = false;
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    const auto& [trigger, detector] = wanted_[i];
    if (run.numerals && !trigger.numerals) continue;
    if (run.end - run.run_begin < trigger.bytes_min || run.digits < trigger.digits_min ||
        (run.content & trigger.content) != trigger.content) {
      continue;
    }
    if (trigger.behind && window.behind.empty()) continue;
    if (trigger.next != 0 && window.next != trigger.next) continue;
    if (!trigger.literals.empty()) {
      if (!literals_known) literals = literals_in(window);
      literals_known = true;
      if (!literals[i]) continue;
    }
    worth.set(detector);
  }
  return worth;
}

void Dispatcher::find_groups(std::string_view text, DispatchScratch& scratch) {
  constexpr std::size_t separators_max = 3;
  scratch.groups.clear();
  scratch.digits.clear();
  for (std::size_t at = 0; at < text.size();) {
    if (!is_digit(text[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    std::size_t separators = 0;
    if (!scratch.groups.empty()) {
      const std::size_t before = scratch.groups.back().end;
      const std::string_view gap = text.substr(before, begin - before);
      const bool joined =
          gap.size() <= separators_max && gap.find_first_not_of(" .-()/") == gap.npos;
      separators = joined ? gap.size() : 0;
    }
    scratch.groups.push_back({begin, at, separators, scratch.digits.size()});
    scratch.digits.append(text, begin, at - begin);
  }
}

core::Result<void> Dispatcher::call(const Detector& detector, const Window& window,
                                    Matches& matches) {
  try {
    if (auto scanned = detector.scan(window, matches); !scanned) {
      return failed(detector.name(), scanned.error());
    }
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& thrown) {
    return failed(detector.name(), thrown.what());
  }
  for (const Match& match : matches.all()) {
    const bool sound = match.type != nullptr && window.owns(match.begin) &&
                       match.begin <= match.end && match.end <= window.text.size() &&
                       (match.held || match.begin < match.end) &&
                       (match.extension == nullptr || !detector.reads_behind());
    if (!sound) return failed(detector.name(), "it reported a match outside of its window");
  }
  return {};
}

core::Result<void> Dispatcher::call(const Detector& detector, const AnchorWindow& window,
                                    Matches& matches) {
  try {
    if (auto looked = detector.look(window, matches); !looked) {
      return failed(detector.name(), looked.error());
    }
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& thrown) {
    return failed(detector.name(), thrown.what());
  }
  for (const Match& match : matches.all()) {
    const bool sound = match.type != nullptr && match.begin >= window.begin &&
                       match.begin < match.end && match.end <= window.text.size() &&
                       (match.extension == nullptr || match.end == window.text.size());
    if (!sound) return failed(detector.name(), "it reported a match outside of its window");
  }
  return {};
}

core::Result<void> Dispatcher::call(const Tagger& tagger, const TokenWindow& window,
                                    TaggerState& state, Matches& matches) {
  try {
    if (auto tagged = tagger.tag(window, state, matches); !tagged) {
      return failed(tagger.name(), tagged.error());
    }
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& thrown) {
    return failed(tagger.name(), thrown.what());
  }
  const std::size_t from = window.tokens[window.owned_begin].begin;
  const std::size_t to = window.tokens[window.owned_end - 1].end;
  for (const Match& match : matches.all()) {
    const bool sound = match.type != nullptr && match.extension == nullptr && match.begin >= from &&
                       match.begin < to && match.begin < match.end &&
                       match.end <= window.text.size();
    if (!sound) return failed(tagger.name(), "it reported a match outside of its window");
  }
  return {};
}

core::Result<bool> Dispatcher::call_around(const Detector& detector, const AroundWindow& window,
                                           Matches& matches) {
  try {
    auto known = detector.around(window, matches);
    if (!known) return failed(detector.name(), known.error());
    if (!*known && window.last) return failed(detector.name(), "it asked for more than there is");
    for (const Match& match : matches.all()) {
      const bool sound = match.type != nullptr && match.extension == nullptr &&
                         match.begin >= window.begin && match.begin < match.end &&
                         match.end >= window.end && match.end <= window.text.size();
      if (!sound) return failed(detector.name(), "it reported a match outside of its window");
    }
    return *known;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& thrown) {
    return failed(detector.name(), thrown.what());
  }
}

}  // namespace menshen::detectors
