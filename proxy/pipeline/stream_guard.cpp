#include "proxy/pipeline/stream_guard.h"

#include "core/work_count.h"
#include "proxy/pipeline/stream_guard_state.h"

#include <algorithm>
#include <span>
#include <utility>

namespace menshen::pipeline {

namespace {

constexpr auto by_number = [](const auto& a, const auto& b) { return a.number < b.number; };

// What may be whole or a piece is two leaves, the piece first: it is judged as both, but transforms
// edit it once.
bool is_also_piece(const protocol::Document& document, std::uint32_t index) {
  const auto leaves = document.leaves();
  return index > 0 && leaves[index - 1].begin == leaves[index].begin &&
         leaves[index - 1].channel != protocol::no_channel;
}

}  // namespace

core::Result<void> Decide::feed(std::string_view bytes, bool begins_part, TextWindow& window,
                                std::vector<TextEdit>& edits) {
  if (!speech_) return {};
  if (own_) own_->feed(bytes);
  core::Result<void> read;
  if (begins_part) read = speech_->begin_part();
  if (read) read = speech_->feed(bytes);
  if (!read) return pass_unread(read.error(), window, edits);
  return decide(window, edits);
}

core::Result<void> Decide::finish(TextWindow& window, std::vector<TextEdit>& edits) {
  if (!speech_) return {};
  if (auto done = speech_->finish(); !done) return pass_unread(done.error(), window, edits);
  if (own_) own_->finish();
  if (auto decided = decide(window, edits); !decided) return decided;
  speech_.reset();
  return {};
}

core::Result<void> Decide::decide(TextWindow& window, std::vector<TextEdit>& edits) {
  const std::vector<core::Finding>& found = speech_->take();
  if (!own_) return judge(found, window, edits);
  own_->add(found);
  return judge_outside(speech_->settled(), window, edits);
}

core::Result<void> Decide::judge_outside(std::size_t settled, TextWindow& window,
                                         std::vector<TextEdit>& edits) {
  const auto text = [&](std::size_t begin, std::size_t end) { return window.at(begin, end); };
  return judge(own_->take(text, settled), window, edits);
}

core::Result<void> Decide::judge(std::span<const core::Finding> findings, TextWindow& window,
                                 std::vector<TextEdit>& edits) {
  if (findings.empty()) return {};
  auto judged = rules_.judge.judge(findings, kind_, role_);
  for (const Redaction& span : rules_.judge.redactions()) {
    const core::Finding& finding = span.finding;
    edits.push_back(
        {finding.begin, finding.end,
         rules_.replacer.replacement(finding, window.at(finding.begin, finding.end), span.as)});
  }
  if (!judged) refused_at_ = rules_.judge.refused_at();
  return judged;
}

// What was found before is decided all the same.
core::Result<void> Decide::pass_unread(const core::Error& error, TextWindow& window,
                                       std::vector<TextEdit>& edits) {
  const std::size_t settled = speech_->settled();
  speech_.reset();
  if (auto passed = rules_.judge.could_not_tell(defaults_, error); !passed || !own_) return passed;
  own_->finish();
  return judge_outside(settled, window, edits);
}

StreamGuard::StreamGuard(const protocol::Endpoint& endpoint, const core::Limits& limits,
                         ScannerPool& pool, const TextRules& rules,
                         const policies::Defaults& defaults, Tally& tally,
                         StreamGuardOptions options)
    : limits_(limits),
      pool_(pool),
      rules_(rules),
      defaults_(defaults),
      tally_(tally),
      options_(options),
      reader_(endpoint, limits),
      edits_alone_(!rules.transforms.empty()) {}

StreamGuard::~StreamGuard() = default;

core::Result<void> StreamGuard::feed(std::string_view bytes, std::vector<Release>& out) {
  stream_bytes_ += bytes.size();
  if (stream_bytes_ > limits_.stream_bytes_max) {
    return core::provider_error(core::ErrorKind::bad_upstream, "stream_too_large",
                                "The provider's stream passed stream_bytes_max.");
  }
  reader_.feed(bytes);
  if (auto taken = take_events(out); !taken) return taken;
  if (held_bytes_ + reader_.pending_bytes() > limits_.held_bytes_max) {
    return core::provider_error(
        core::ErrorKind::bad_upstream, "held_too_much",
        "More of the stream would have to be held than held_bytes_max allows.");
  }
  return {};
}

core::Result<void> StreamGuard::take_events(std::vector<Release>& out) {
  while (true) {
    auto next = reader_.next();
    if (!next) {
      release_ready(out);
      return next.error();
    }
    if (!next->has_value()) break;
    if (auto taken = take(std::move(**next)); !taken) {
      if (!options_.hold_all) release_before_cut(out);
      return taken.error();
    }
  }
  release_ready(out);
  return {};
}

core::Result<void> StreamGuard::finish(std::vector<Release>& out) {
  if (complete_) return {};
  reader_.finish();
  if (auto taken = take_events(out); !taken) return taken;
  if (complete_) return {};
  if (!reader_.complete()) {
    return core::provider_error(core::ErrorKind::bad_upstream, "stream_truncated",
                                "The provider closed its stream before the end of the answer.");
  }
  if (auto ended = end_all(); !ended) {
    if (!options_.hold_all) release_before_cut(out);
    return ended;
  }
  complete_ = closed_ = true;
  release_ready(out);
  return {};
}

core::Result<void> StreamGuard::end_all() {
  for (auto& [id, channel] : channels_) {
    if (auto ended = end_channel(id); !ended) return ended;
  }
  return {};
}

void StreamGuard::scores_passed(std::vector<Release>& out) {
  options_.hold_all = false;
  release_ready(out);
}

core::Result<void> StreamGuard::take(protocol::StreamEvent event) {
  held_bytes_ += event.raw.size();
  usage_.input_tokens = std::max(usage_.input_tokens, event.usage.input_tokens);
  usage_.output_tokens = std::max(usage_.output_tokens, event.usage.output_tokens);
  Held& held = waiting_.emplace_back();
  held.event = std::move(event);
  held.number = ++events_;
  held.self = std::prev(waiting_.end());
  if (!held.event.side_text.empty()) {
    if (auto scanned = scan_side_text(held); !scanned) return scanned.error();
  }
  if (held.event.document) {
    held.event.document->tell(facts_);
    const auto leaves = held.event.document->leaves();
    for (std::uint32_t i = 0; i < leaves.size(); ++i) {
      if (auto scanned = scan_leaf(held, i); !scanned) return scanned.error();
      if (options_.keep_sources && leaves[i].source) sources_.add(*held.event.document, leaves[i]);
    }
  }
  for (const std::uint32_t id : held.event.ends) {
    if (auto ended = end_channel(id); !ended) return ended.error();
  }
  if (held.event.ends_all) {
    if (auto ended = end_all(); !ended) return ended;
  }
  if (held.event.terminal) complete_ = true;
  provider_failed_ = provider_failed_ || held.event.error;
  settle_one(held);
  return {};
}

core::Result<void> StreamGuard::scan_leaf(Held& held, std::uint32_t index) {
  const protocol::Leaf& leaf = held.event.document->leaves()[index];
  if (leaf.kind == protocol::LeafKind::opaque) {
    if (auto allowed = rules_.judge.judge_opaque(*held.event.document, leaf); !allowed) {
      held.dropped = true;
      return allowed.error();
    }
    if (options_.keep_values && leaf.returned)
      values_.add(held.event.document->text(leaf, scratch_), leaf.container);
    return {};
  }
  if (leaf.repeated && !edits_alone_) return {};
  if (leaf.channel == protocol::no_channel) return scan_alone(held, index);
  return scan_piece(held, index, held.event.document->text(leaf, scratch_));
}

// One text that no other event goes on with, and what speaks for it; rules_.judge.redactions() is
// the outcome.
core::Result<void> StreamGuard::judge_alone(std::string_view label, std::string_view text,
                                            const Alone& alone) {
  core::Result<std::vector<core::Finding>> findings = std::vector<core::Finding>();
  const bool is_read = !alone.ciphertext || pool_.knows_secrets();
  if (is_read) findings = label.empty() ? pool_.scan(text) : scan_labelled(label, text, pool_);
  if (findings) {
    if (is_read) tally_.scanned(text.size());
  } else {
    if (auto passed = rules_.judge.could_not_tell(defaults_, findings.error()); !passed)
      return passed;
    findings = std::vector<core::Finding>();
  }
  if (alone.ciphertext) keep_secrets(*findings, 0);
  edits_alone_ = edits_alone_ || !findings->empty();
  if (alone.kind == protocol::LeafKind::number) cover_whole(*findings, text.size());
  if (rules_.own != nullptr) findings = outside_of_own(*findings, text, *rules_.own, false);
  return rules_.judge.judge(*findings, alone.kind, alone.role);
}

core::Result<void> StreamGuard::scan_side_text(Held& held) {
  const auto judged = judge_alone({}, held.event.side_text, {});
  if (!judged) {
    held.dropped = true;
    return judged.error();
  }
  if (!rules_.judge.redactions().empty()) {
    held_bytes_ -= held.event.raw.size();
    protocol::drop_side_text(held.event);
    held_bytes_ += held.event.raw.size();
  }
  return {};
}

core::Result<void> StreamGuard::scan_alone(Held& held, std::uint32_t index) {
  const protocol::Leaf& leaf = held.event.document->leaves()[index];
  const std::string_view text = held.event.document->text(leaf, scratch_);
  const auto judged =
      judge_alone(label_of(*held.event.document, index), text,
                  {.kind = leaf.kind, .role = leaf.role, .ciphertext = leaf.returned});
  if (!judged) {
    held.dropped = true;
    return judged.error();
  }
  std::vector<std::unique_ptr<Transform>> transforms;
  if (!is_also_piece(*held.event.document, index)) transforms = make_transforms(rules_, leaf);
  if (rules_.judge.redactions().empty() && transforms.empty()) return {};
  TextFlow<Place, Decided> flow(std::move(transforms), rules_.judge.redactions(), rules_.replacer);
  const Place place{&held, index};
  Sink sink{*this};
  ++held.unsettled;
  auto passed = flow.feed(place, text, false, sink);
  if (passed) passed = flow.finish(sink);
  if (!passed) held.dropped = true;
  return passed;
}

core::Result<void> StreamGuard::scan_piece(Held& held, std::uint32_t index, std::string_view text) {
  const protocol::Leaf& leaf = held.event.document->leaves()[index];
  auto& slot = channels_[leaf.channel];
  if (!slot) {
    slot = std::make_unique<Channel>(*this, leaf);
    if (options_.keep_answer && leaf.answer && leaf.kind == protocol::LeafKind::text) {
      slot->answer = answers_.size();
      answers_.emplace_back();
    }
    ++tally_.scanned_segments;
  }
  Channel& channel = *slot;
  if (channel.ended) {
    held.dropped = true;
    return core::provider_error(core::ErrorKind::bad_upstream, "text_after_end",
                                "The provider went on with a text that it had ended.");
  }
  collect_answer(channel, text);
  if (channel.flow.first().reads()) tally_.scanned_bytes += text.size();
  const std::size_t begin = channel.flow.text_bytes();
  held.pieces.push_back({&channel, &held, index, begin, begin + text.size()});
  ++held.unsettled;
  const Place place{&held, index};
  Sink sink{*this};
  auto fed = channel.flow.feed(place, text, leaf.begins_part, sink);
  return fed ? fed : refuse(channel, fed.error());
}

void StreamGuard::collect_answer(const Channel& channel, std::string_view text) {
  if (channel.answer == Channel::no_answer || answer_too_long_) return;
  answer_bytes_ += text.size();
  if (answer_bytes_ > limits_.score_text_bytes_max) {
    answer_too_long_ = true;
    return;
  }
  answers_[channel.answer].append(text);
}

core::Result<void> StreamGuard::end_channel(std::uint32_t id) {
  const auto found = channels_.find(id);
  if (found == channels_.end() || found->second->ended) return {};
  Channel& channel = *found->second;
  Sink sink{*this};
  if (auto done = channel.flow.finish(sink); !done) return refuse(channel, done.error());
  channel.ended = true;
  return {};
}

// Of a text that a rule refused, what stands before the value may leave.
core::Result<void> StreamGuard::refuse(Channel& channel, const core::Error& error) {
  if (const auto at = channel.flow.refused_at()) cut_at(channel, *at);
  return error;
}

void StreamGuard::settle_one(Held& held) {
  ++core::work_count.events_visited;
  if (--held.unsettled == 0) ready_.splice(ready_.end(), waiting_, held.self);
}

// Marks the events from the refused value on. The event in which it begins keeps what stands before
// it, unless that event holds anything else that is not settled.
void StreamGuard::cut_at(Channel& channel, std::size_t offset) {
  Sink sink{*this};
  channel.flow.settle_before(offset, sink);
  rejoin_ready();
  bool past = false;
  for (Held& held : waiting_) {
    for (const Piece& piece : held.pieces) {
      if (past || piece.channel != &channel || piece.end <= offset) continue;
      past = true;
      held.refused_here = true;
      const bool trimmed = piece.begin < offset && held.pieces.size() == 1 &&
                           channel.kind == protocol::LeafKind::text;
      if (trimmed) {
        held.edits.replace(held.event.document->leaves()[piece.leaf], offset - piece.begin,
                           piece.end - piece.begin, {});
      } else {
        held.dropped = true;
      }
    }
    if (past && !held.refused_here) held.dropped = true;
  }
}

void StreamGuard::emit(Held& held, std::vector<Release>& out) {
  held_bytes_ -= held.event.raw.size();
  if (!held.edits.empty()) held.event.document->null_logprobs(held.edits);
  redacted_ = redacted_ || !held.edits.empty();
  if (redacted_ && held.event.document) held.event.document->null_state(held.edits);
  if (!options_.model.empty() && held.event.document)
    held.event.document->rename_answer(held.edits, options_.model);
  out.push_back({held.edits.empty() ? std::move(held.event.raw)
                                    : protocol::rewrite_event(held.event, held.edits),
                 held.event.terminal || closed_});
}

void StreamGuard::release_ready(std::vector<Release>& out) {
  if (options_.hold_all || ready_.empty()) return;
  // In order, up to the first event that waits; when too many are behind that one, all of them. An
  // event of a text that still waits in front of it is never ready before that one: texts settle in
  // order.
  ready_.sort(by_number);
  while (!ready_.empty() && (waiting_.empty() || ready_.front().number < waiting_.front().number)) {
    emit(ready_.front(), out);
    ready_.pop_front();
  }
  if (ready_.size() <= limits_.held_events_max) return;
  for (Held& held : ready_) emit(held, out);
  ready_.clear();
}

// All held events in order again, in waiting_.
void StreamGuard::rejoin_ready() {
  ready_.sort(by_number);
  waiting_.merge(ready_, by_number);
}

void StreamGuard::release_before_cut(std::vector<Release>& out) {
  rejoin_ready();
  for (Held& held : waiting_) {
    if (held.dropped || (!held.refused_here && held.unsettled > 0)) break;
    emit(held, out);
    if (held.refused_here) break;
  }
  waiting_.clear();
  held_bytes_ = 0;
}

}  // namespace menshen::pipeline
