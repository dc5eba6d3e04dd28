// The stages of an exchange. Private to the pipeline; gateway.cpp has their order.
#pragma once

#include "proxy/pipeline/async.h"
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/listing.h"
#include "proxy/pipeline/sources.h"

#include <memory>
#include <optional>
#include <stop_token>
#include <unordered_map>
#include <vector>

namespace menshen::pipeline {

// Work on a body longer than inline_scan_bytes_max, or on more findings than this, is done beside
// the event loop.
inline constexpr std::size_t inline_findings_max = 1024;

// An answer that is no stream, and what reading it has brought.
struct AnswerRead {
  std::string body;  // taken by the document
  unsigned status = 200;
  bool json = false;  // by its content type
  std::optional<protocol::Document> document;
  core::Result<void> parsed;
  core::Result<Inspected> inspected;
  core::Result<core::Scores> scores;
};

struct Stages {
  Stages(const Services& s, Upstreams& u)
      : services(s), upstreams(u), journal(*s.journal), listings(u, *s.clock, s.listing) {}

  asio::awaitable<core::Result<void>> open(Exchange& ex);
  asio::awaitable<core::Result<void>> route_path(Exchange& ex);
  asio::awaitable<core::Result<void>> identify(Exchange& ex);
  asio::awaitable<core::Result<void>> read(Exchange& ex);
  asio::awaitable<core::Result<void>> parse(Exchange& ex);
  asio::awaitable<core::Result<void>> admit(Exchange& ex);
  asio::awaitable<core::Result<void>> inspect(Exchange& ex);
  asio::awaitable<core::Result<void>> prepare(Exchange& ex);
  asio::awaitable<core::Result<void>> intend(Exchange& ex);
  asio::awaitable<core::Result<void>> forward(Exchange& ex);
  asio::awaitable<core::Result<void>> relay(Exchange& ex);

  // The one exit: writes the outcome, then lets the last bytes go, or the error.
  asio::awaitable<void> close(Exchange& ex, std::optional<core::Error> error);

  const Services& services;
  Upstreams& upstreams;
  ScannerPool scanners;  // of this thread; each exchange has those of its policy's catalog
  JournalPort journal;
  ModelListings listings;

 private:
  core::Result<void> admit_listing(Exchange& ex);
  [[nodiscard]] bool is_listed(const Exchange& ex, const std::string& model);
  core::Result<void> judge_for(Exchange& ex, std::string_view zone, Tally& tally,
                               protocol::Edits& edits, const std::stop_token& stop);
  core::Result<void> drop_refused(Exchange& ex, const std::stop_token& stop);
  core::Result<void> prepare_for(Exchange& ex, const Target& target, const std::stop_token& stop);
  asio::awaitable<core::Result<void>> prepare_target(Exchange& ex, const Target& target);
  core::Result<void> scan_request(Exchange& ex, ScannerPool& pool, const std::stop_token& stop);
  core::Result<void> score_request(Exchange& ex, const std::stop_token& stop);
  // Beside the event loop; an error refuses the exchange whatever the policy says of errors.
  asio::awaitable<core::Result<void>> run_long(Exchange& ex, const WorkerPool::Work& work);
  [[nodiscard]] asio::awaitable<core::Result<void>> write_outcome(Exchange& ex);
  asio::awaitable<core::Result<void>> write_intent(Exchange& ex, const Target& target);
  void open_stream(Exchange& ex, asio::any_io_executor executor);
  core::Result<void> still_time(const Exchange& ex) const;
  // `delivered` is set when the provider may have got a byte of the request.
  asio::awaitable<core::Result<std::unique_ptr<UpstreamCall>>> attempt(Exchange& ex,
                                                                       const Target& target,
                                                                       bool& delivered);
  asio::awaitable<core::Result<void>> read_refusal(UpstreamCall& call);
  const std::shared_ptr<const detectors::Literal>& credential_at(const Target& target);
  asio::awaitable<core::Result<void>> relay_document(Exchange& ex, Judge& judge);
  asio::awaitable<core::Result<void>> relay_stream(Exchange& ex, Judge& judge);
  asio::awaitable<core::Result<void>> stream_scores(Exchange& ex, StreamGuard& guard, Judge& judge,
                                                    std::vector<Release>& out);
  asio::awaitable<core::Result<std::string>> read_answer(Exchange& ex);
  // `of_answer`: the sources that came with it.
  core::Result<core::Scores> score_answers(Exchange& ex, std::span<const std::string> answers,
                                           const Sources& of_answer, const std::stop_token& stop);
  asio::awaitable<core::Result<void>> feed_long(Exchange& ex, StreamGuard& guard,
                                                std::string_view piece, std::vector<Release>& out);
  void read_document(Exchange& ex, AnswerRead& answer, ScannerPool& pool,
                     const std::stop_token& stop);
  static core::Result<void> count_document(Exchange& ex, AnswerRead& answer);
  core::Result<void> answer_document(Exchange& ex, Judge& judge, AnswerRead& answer,
                                     const std::stop_token& stop);
  asio::awaitable<core::Result<void>> list_models(Exchange& ex);
  asio::awaitable<core::Result<std::string_view>> read_upstream(Exchange& ex);
  asio::awaitable<void> release(Exchange& ex, const std::optional<core::Error>& error);

  std::unordered_map<std::uint32_t, std::shared_ptr<const detectors::Literal>>
      credentials_;  // by upstream
};

[[nodiscard]] core::Error no_healthy_upstream();

// Headers that may pass, in either direction: names from a list, values of a tame alphabet in which
// nothing is found. Everything else stays behind.
[[nodiscard]] Headers pass_headers(const Headers& headers, std::span<const std::string_view> names,
                                   ScannerPool& scanners);
[[nodiscard]] Headers provider_headers(const Exchange& ex, ScannerPool& scanners);
[[nodiscard]] Headers client_headers(const Exchange& ex, ScannerPool& scanners);

// A text that somebody said, or that a tool returned: what scores and grounding read.
[[nodiscard]] inline bool is_spoken(const protocol::Leaf& leaf) noexcept {
  return leaf.kind == protocol::LeafKind::text;
}

}  // namespace menshen::pipeline
