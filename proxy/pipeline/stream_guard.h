// The streaming guarantee: what leaves a stream has been inspected, whatever way the stream was
// cut.
//
// Every text of a stream (a choice's content, a tool call's arguments, reasoning, ...) runs through
// its own transforms (text_flow.h). An event is released, byte for byte as it came, once all its
// texts are settled: no finding yet to come can touch them. A redaction edits the strings of the
// events that it covers. A refusal cuts the stream at the value: what was before it is released,
// nothing of it or after it.
//
//   StreamGuard guard(endpoint, limits, pool, rules, policy.defaults(), tally, {});
//   std::vector<Release> out;
//   if (auto fed = guard.feed(bytes, out); !fed) ...   // `out` still holds what may leave before
//   the error
//
// Order: events leave in the order they came. Behind an event that waits, up to held_events_max
// ready events of other texts wait too; after that these overtake it, so that one unfinished word
// in one text cannot stall another. Memory: at most held_bytes_max of events are held; past it the
// stream is refused. Cost: linear in the stream's bytes plus its findings, however many events are
// held.
//
// No sockets, no clock. One thread.
#pragma once

#include "core/error.h"
#include "core/limits.h"
#include "proxy/pipeline/inspection.h"
#include "proxy/pipeline/seen_values.h"
#include "proxy/pipeline/sources.h"
#include "proxy/protocol/answer_facts.h"
#include "proxy/protocol/endpoint.h"
#include "proxy/protocol/stream.h"

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace menshen::pipeline {

struct Release {
  std::string bytes;
  // From here on the client may take the answer as complete: evidence comes first. The terminal
  // event, or, where a stream closes without one, what was held until then.
  bool terminal = false;
};

struct StreamGuardOptions {
  bool hold_all = false;     // release nothing before scores_passed(): a rule on a score may refuse
  bool keep_answer = false;  // collect the answer's text for the scores
  bool keep_sources = false;    // and what it may rest on
  bool keep_values = false;     // keep digests of what the provider wants back, for values()
  std::string_view model = {};  // that events shall name; empty: as they do. Outlives the guard
};

class StreamGuard {
 public:
  StreamGuard(const protocol::Endpoint& endpoint, const core::Limits& limits, ScannerPool& pool,
              const TextRules& rules, const policies::Defaults& defaults, Tally& tally,
              StreamGuardOptions options);
  ~StreamGuard();
  StreamGuard(const StreamGuard&) = delete;
  StreamGuard& operator=(const StreamGuard&) = delete;

  // Takes the provider's next bytes; appends what may leave. What follows the end of the stream is
  // not read. After an error nothing more may be fed.
  core::Result<void> feed(std::string_view bytes, std::vector<Release>& out);

  // The provider closed. An error when the stream had not come to its end (protocol/stream.h).
  core::Result<void> finish(std::vector<Release>& out);

  // With hold_all: the scores are known and pass; releases what waited.
  void scores_passed(std::vector<Release>& out);

  // Bytes fed that are no whole event yet.
  [[nodiscard]] std::size_t unread_bytes() const noexcept { return reader_.pending_bytes(); }
  [[nodiscard]] bool complete() const noexcept { return complete_; }
  // The stream came to its end with an error event of the provider's.
  [[nodiscard]] bool provider_failed() const noexcept { return provider_failed_; }
  // Set when the answer's text outgrew score_text_bytes_max: the scores cannot be told.
  [[nodiscard]] bool answer_too_long() const noexcept { return answer_too_long_; }
  [[nodiscard]] const std::vector<std::string>& answers() const noexcept { return answers_; }
  // Sources that came with the answer, such as results of tools that the provider ran.
  [[nodiscard]] const Sources& sources() const noexcept { return sources_; }
  // The same for good: nothing more may be fed.
  [[nodiscard]] std::vector<std::string> take_answers() { return std::move(answers_); }
  [[nodiscard]] Sources take_sources() { return std::move(sources_); }
  // With keep_values, when the stream has ended. Once.
  [[nodiscard]] std::vector<core::Digest> take_values() { return values_.finish(); }
  [[nodiscard]] protocol::Usage usage() const noexcept { return usage_; }
  // What the provider says of its answer, as far as it was read.
  [[nodiscard]] const protocol::AnswerFacts& facts() const noexcept { return facts_; }
  [[nodiscard]] std::size_t held_bytes() const noexcept { return held_bytes_; }

 private:
  struct Channel;
  struct Held;
  struct Piece;
  struct Place;
  struct Sink;

  core::Result<void> take_events(std::vector<Release>& out);
  core::Result<void> take(protocol::StreamEvent event);
  core::Result<void> end_all();
  core::Result<void> scan_leaf(Held& held, std::uint32_t leaf);
  // What a text is that no other event goes on with.
  struct Alone {
    protocol::LeafKind kind = protocol::LeafKind::text;
    core::Role role = core::Role::metadata;
    bool ciphertext = false;
  };
  core::Result<void> judge_alone(std::string_view label, std::string_view text, const Alone& alone);
  core::Result<void> scan_side_text(Held& held);
  core::Result<void> scan_alone(Held& held, std::uint32_t leaf);
  core::Result<void> scan_piece(Held& held, std::uint32_t leaf, std::string_view text);
  core::Result<void> end_channel(std::uint32_t id);
  core::Result<void> refuse(Channel& channel, const core::Error& error);
  void cut_at(Channel& channel, std::size_t offset);
  void collect_answer(const Channel& channel, std::string_view text);
  void settle_one(Held& held);
  void rejoin_ready();
  void release_ready(std::vector<Release>& out);
  void release_before_cut(std::vector<Release>& out);
  void emit(Held& held, std::vector<Release>& out);

  const core::Limits& limits_;
  ScannerPool& pool_;
  const TextRules& rules_;
  const policies::Defaults& defaults_;
  Tally& tally_;
  StreamGuardOptions options_;
  protocol::StreamReader reader_;
  std::unordered_map<std::uint32_t, std::unique_ptr<Channel>> channels_;
  std::list<Held> waiting_;  // events with a text that is not settled, in order
  std::list<Held> ready_;    // events behind those that could leave; in order after rejoin_ready()
  std::uint64_t events_ = 0;
  std::size_t held_bytes_ = 0;
  std::uint64_t stream_bytes_ = 0;
  std::vector<std::string> answers_;
  std::size_t answer_bytes_ = 0;
  Sources sources_;
  AnswerValues values_;
  protocol::Usage usage_;
  protocol::AnswerFacts facts_;
  std::string scratch_;
  bool edits_alone_ = false;  // texts of one event may be edited: repeated ones are read again
  bool redacted_ = false;     // an event was let go with edits
  bool complete_ = false;
  bool closed_ = false;  // complete without a terminal event
  bool provider_failed_ = false;
  bool answer_too_long_ = false;
};

}  // namespace menshen::pipeline
