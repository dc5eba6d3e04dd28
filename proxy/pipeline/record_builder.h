// The record of an exchange, as it grows: nothing can be put into it but what a verb says has
// happened. Private to the pipeline.
//
//   ex.record.arrived(...); ex.record.called(endpoint); ex.record.identified(subject);
//   audit::Record intent = ex.record.intend(target, rule, commitment);
//   ex.record.attempted(target); ex.record.answered(target, 200);
//   const audit::Record& outcome = ex.record.close(ending);      // once, at the exit
#pragma once

#include "audit/record.h"
#include "core/decision.h"
#include "core/error.h"
#include "core/exchange.h"
#include "core/score.h"
#include "proxy/pipeline/tally.h"
#include "proxy/pipeline/upstream.h"
#include "proxy/protocol/document.h"
#include "proxy/protocol/endpoint.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace menshen::pipeline {

// Scores as records have them: by name.
void copy_scores(const core::Scores& scores, std::map<std::string, float>& out);

class RecordBuilder {
 public:
  // How it ended.
  struct End {
    const core::Error* error = nullptr;  // null: the client gets the answer
    const Tally* request = nullptr;
    const Tally* answer = nullptr;
    unsigned status = 200;                 // of the answer
    bool is_open = false;                  // a stream, so that the client has had its 200
    std::string_view catalog;              // by which it was scanned
    std::size_t last_bytes = 0;            // that this outcome lets go; none for HEAD
    std::string_view released_commitment;  // of an answer that is no stream
    std::int64_t now_ns = 0;
  };

  void arrived(std::string id, std::string client, std::string_view method, std::int64_t opened_ns,
               std::int64_t wall_ns);
  void judged_by(const policies::PolicySet& policy);
  void called(const protocol::Endpoint& endpoint);
  void identified(const core::Subject& subject);
  void received_request(std::size_t bytes) { record_.request_bytes = bytes; }
  void committed_request(const std::string& commitment) { record_.request_commitment = commitment; }
  void asked_for_stream() { record_.stream = true; }
  void named_model(std::string_view model) { record_.model = model; }
  // Something was found in the name: it stands nowhere in the record, as the upstream's neither.
  void withheld_model(const std::string& model);
  // A target that a rule denies; empty: by default.
  void denied(const Target& target, std::string_view rule);
  void refused_by_access(std::string_view rule) { record_.access_rule = rule; }

  // The intent to call `target`, as an access rule allows it (null: the zone has none of its own)
  // and with a body of this commitment.
  [[nodiscard]] audit::Record intend(const Target& target, const std::string* access_rule,
                                     std::string_view body_commitment, core::Action decision);
  // It is durable, as the record of this number: the outcome does not repeat it.
  void intended(std::uint64_t seq, audit::Record intent);
  // What was intended happens: the target is called, ...
  void attempted(const Target& target, const std::string* access_rule,
                 std::string_view body_commitment);
  // ... and did not get a byte of it, or answered.
  void undelivered() { record_.forwarded_commitment.clear(); }
  void answered(unsigned status) { record_.upstream_status = status; }
  // The answer that counts is that of a target called before.
  void told(const Target& target, const std::string* access_rule, std::string_view body_commitment,
            unsigned status);
  void asked(std::uint32_t upstreams) { record_.attempts += upstreams; }  // for their models
  void waited_for_upstream(std::int64_t ns) { upstream_wait_ns_ += ns; }

  void counted(protocol::Usage usage) { usage_ = usage; }
  // Whether the upstream was told this name of a model.
  [[nodiscard]] bool asked_for(std::string_view model) const noexcept;
  // What the provider says of its answer; names as recordable() gives them.
  void told_of_answer(std::string_view id, std::string_view model,
                      std::span<const std::string_view> finish);
  void received_answer(std::string commitment) {
    record_.response_commitment = std::move(commitment);
  }
  // Of a stream: bytes that have left, and, at its end, the commitment to all of them.
  void first_released(std::int64_t now_ns) { first_release_ns_ = now_ns; }
  void released(std::size_t bytes) { released_bytes_ += bytes; }
  void released_in_all(std::string commitment) {
    record_.released_commitment = std::move(commitment);
  }
  // The answer that the client gets is an error of the provider's: the code of it.
  void provider_failed(std::string_view code) { provider_fault_ = code; }

  const audit::Record& close(const End& end);
  [[nodiscard]] const audit::Record& so_far() const noexcept { return record_; }

 private:
  void goes_to(const Target& target, const std::string* access_rule,
               std::string_view body_commitment);
  void close_refused(const End& end);
  void close_answered(const End& end);
  void count(const Tally& request, const Tally& answer);

  struct Intended {
    std::uint64_t seq = 0;
    audit::Record record;
  };

  audit::Record record_;
  std::optional<Intended> intended_;  // the last one; absent: none, or it may not be durable
  std::int64_t opened_ns_ = 0;
  std::int64_t upstream_wait_ns_ = 0;
  std::int64_t first_release_ns_ = 0;
  std::uint64_t released_bytes_ = 0;
  protocol::Usage usage_;
  std::string_view provider_fault_;
  std::string withheld_model_;  // empty: the name stands in the record
};

}  // namespace menshen::pipeline
