#include "proxy/pipeline/stream_guard.h"

#include "core/work_count.h"
#include "proxy/pipeline/stream_guard_state.h"

#include <algorithm>
#include <span>
#include <utility>

namespace menshen::pipeline {

namespace {

constexpr std::size_t all_of_it = static_cast<std::size_t>(-1);

constexpr auto by_number = [](const auto& a, const auto& b) { return a.number < b.number; };

}  // namespace

StreamGuard::StreamGuard(const protocol::Endpoint& endpoint, const core::Limits& limits,
                         ScannerPool& pool, Judge& judge, const Redactor& redactor,
                         const policies::Defaults& defaults, Tally& tally,
                         StreamGuardOptions options)
    : limits_(limits),
      pool_(pool),
      judge_(judge),
      redactor_(redactor),
      defaults_(defaults),
      tally_(tally),
      options_(options),
      reader_(endpoint, limits) {}

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
    const auto leaves = held.event.document->leaves();
    for (std::uint32_t i = 0; i < leaves.size(); ++i) {
      if (auto scanned = scan_leaf(held, i); !scanned) return scanned.error();
      if (options_.keep_answer && leaves[i].source) sources_.add(*held.event.document, leaves[i]);
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
    if (auto allowed = judge_.judge_opaque(defaults_, *held.event.document, leaf); !allowed) {
      held.dropped = true;
      return allowed.error();
    }
    return {};
  }
  if (leaf.repeated && !found_alone_) return {};
  if (leaf.channel == protocol::no_channel) return scan_alone(held, index);
  return scan_piece(held, index, held.event.document->text(leaf, scratch_));
}

// One text that no other event goes on with, and what speaks for it; judge_.redactions() is the
// outcome.
core::Result<void> StreamGuard::judge_alone(std::string_view label, std::string_view text,
                                            protocol::LeafKind kind) {
  auto findings = label.empty() ? pool_.scan(text) : scan_labelled(label, text, pool_);
  if (findings) {
    tally_.scanned(text.size());
  } else {
    if (auto passed = judge_.could_not_tell(defaults_, findings.error()); !passed) return passed;
    findings = std::vector<core::Finding>();
  }
  found_alone_ = found_alone_ || !findings->empty();
  if (kind == protocol::LeafKind::number) cover_whole(*findings, text.size());
  return judge_.judge(*findings, kind);
}

core::Result<void> StreamGuard::pass_unread(Channel& channel, const core::Error& error) {
  channel.speech.reset();
  channel.unread = true;
  channel.unsettled = {};
  if (auto passed = judge_.could_not_tell(defaults_, error); !passed) return passed;
  settle_pieces(channel, all_of_it);
  return {};
}

core::Result<void> StreamGuard::scan_side_text(Held& held) {
  const auto judged = judge_alone({}, held.event.side_text, protocol::LeafKind::text);
  if (!judged) {
    held.dropped = true;
    return judged.error();
  }
  if (!judge_.redactions().empty()) {
    held_bytes_ -= held.event.raw.size();
    protocol::drop_side_text(held.event);
    held_bytes_ += held.event.raw.size();
  }
  return {};
}

core::Result<void> StreamGuard::scan_alone(Held& held, std::uint32_t index) {
  const protocol::Leaf& leaf = held.event.document->leaves()[index];
  const std::string_view text = held.event.document->text(leaf, scratch_);
  const auto judged = judge_alone(label_of(*held.event.document, index), text, leaf.kind);
  if (!judged) {
    held.dropped = true;
    return judged.error();
  }
  for (const Redaction& span : judge_.redactions()) {
    const auto value = text.substr(span.finding.begin, span.finding.end - span.finding.begin);
    held.edits.replace(leaf, span.finding.begin, span.finding.end,
                       redactor_.replacement(span.finding, value, span.as));
  }
  return {};
}

core::Result<void> StreamGuard::scan_piece(Held& held, std::uint32_t index, std::string_view text) {
  const protocol::Leaf& leaf = held.event.document->leaves()[index];
  auto& slot = channels_[leaf.channel];
  if (!slot) {
    slot = std::make_unique<Channel>();
    slot->speech.emplace(pool_);
    slot->kind = leaf.kind;
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
  if (channel.unread) return {};
  const std::size_t begin = channel.speech->text_bytes();
  held.pieces.push_back({&channel, &held, index, begin, begin + text.size()});
  channel.open.push_back(held.pieces.back());
  ++held.unsettled;
  tally_.scanned_bytes += text.size();
  channel.unsettled.append(text);
  core::Result<void> read;
  if (leaf.begins_part) read = channel.speech->begin_part();
  if (read) read = channel.speech->feed(text);
  if (!read) return pass_unread(channel, read.error());
  return apply_findings(channel);
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
  if (!channel.unread) {
    if (auto settled = settle(channel); !settled) return settled;
  }
  channel.ended = true;
  return {};
}

core::Result<void> StreamGuard::settle(Channel& channel) {
  if (auto done = channel.speech->finish(); !done) return pass_unread(channel, done.error());
  if (auto applied = apply_findings(channel); !applied) return applied.error();
  settle_pieces(channel, all_of_it);
  channel.unsettled = {};
  channel.speech.reset();
  return {};
}

core::Result<void> StreamGuard::apply_findings(Channel& channel) {
  const std::vector<core::Finding>& findings = channel.speech->take();
  if (!findings.empty()) {
    const auto judged = judge_.judge(findings, channel.kind);
    for (const Redaction& span : judge_.redactions()) edit_span(channel, span);
    if (!judged) {
      cut_at(channel, judge_.refused_at());
      return judged.error();
    }
  }
  const std::size_t settled = channel.speech->settled();
  settle_pieces(channel, settled);
  // Taken off in halves, so that each byte is moved once or so.
  const std::size_t done = settled - std::min(settled, channel.unsettled_begin);
  if (done * 2 >= channel.unsettled.size()) {
    channel.unsettled.erase(0, done);
    channel.unsettled_begin += done;
  }
  return {};
}

// The text before `settled` is settled for good.
void StreamGuard::settle_pieces(Channel& channel, std::size_t settled) {
  std::size_t& first = channel.first_open;
  while (first < channel.open.size() && channel.open[first].end <= settled) {
    settle_one(*channel.open[first++].held);
  }
  if (first * 2 < channel.open.size()) return;  // taken off in halves
  const auto begin = channel.open.begin();
  channel.open.erase(begin, begin + static_cast<std::ptrdiff_t>(first));
  first = 0;
}

void StreamGuard::settle_one(Held& held) {
  ++core::work_count.events_visited;
  if (--held.unsettled == 0) ready_.splice(ready_.end(), waiting_, held.self);
}

// The replacement goes into the event where the value begins; the rest of the value is taken out of
// the others.
void StreamGuard::edit_span(Channel& channel, const Redaction& span) {
  const core::Finding& finding = span.finding;
  const auto value =
      std::string_view(channel.unsettled)
          .substr(finding.begin - channel.unsettled_begin, finding.end - finding.begin);
  std::string replacement = redactor_.replacement(finding, value, span.as);
  const auto before = [&](const Piece& piece) { return piece.end <= finding.begin; };
  const auto open = std::span(channel.open).subspan(channel.first_open);
  auto piece = std::ranges::partition_point(open, before);
  for (; piece != open.end() && piece->begin < finding.end; ++piece) {
    ++core::work_count.pieces_visited;
    const std::size_t begin = std::max(piece->begin, finding.begin);
    const std::size_t end = std::min(piece->end, finding.end);
    if (begin >= end) continue;
    Held& held = *piece->held;
    held.edits.replace(held.event.document->leaves()[piece->leaf], begin - piece->begin,
                       end - piece->begin, std::exchange(replacement, {}));
  }
}

// Marks the events from the refused value on. The event in which it begins keeps what stands before
// it, unless that event holds anything else that is not settled.
void StreamGuard::cut_at(Channel& channel, std::size_t offset) {
  settle_pieces(channel, offset);
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
