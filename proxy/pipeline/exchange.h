// The state of one exchange while it lives, and what the stages share. Private to the pipeline.
#pragma once

#include "core/digest.h"
#include "detectors/literal.h"
#include "proxy/pipeline/gateway.h"
#include "proxy/pipeline/inspection.h"
#include "proxy/pipeline/stream_guard.h"
#include "proxy/pipeline/stream_writer.h"
#include "proxy/pipeline/tally.h"
#include "proxy/protocol/document.h"
#include "proxy/protocol/endpoint.h"
#include "proxy/protocol/replies.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace menshen::pipeline {

// What the access rules say of a zone.
struct ZoneAccess {
  std::string_view zone;
  policies::AccessDecision decision;
};

struct Exchange {
  explicit Exchange(Client& c) : client(c) {}

  Client& client;
  std::string id;
  std::int64_t opened_ns = 0;  // monotonic
  audit::Record record;
  std::string salt;  // of this exchange's commitments
  std::shared_ptr<const policies::PolicySet> policy;
  std::optional<ScannerPool> scanners;  // of the policy's catalog
  RoutesPtr routes;

  const protocol::Endpoint* endpoint = nullptr;
  protocol::Family family = protocol::Family::openai;
  std::string query;
  core::Subject subject;
  bool identified = false;
  bool identify_tried = false;

  std::optional<protocol::Document> request;
  std::string listed_model;  // Api::model: the id in the path
  std::vector<ZoneAccess> zone_access;
  std::vector<Target> targets;  // that the rules allow; of a listing: the upstreams to ask
  Inspected inspected;
  Tally request_tally;

  // What goes to the provider, made for the zone of one target.
  std::string prepared_zone;
  std::string prepared_model;
  std::string forwarded;             // empty: the request's own bytes
  std::string forwarded_commitment;  // of what goes to the provider
  bool prepared = false;
  bool intent_written = false;

  std::unique_ptr<UpstreamCall> call;
  std::shared_ptr<const detectors::Literal> credential;  // ours at `call`; null: none is told
  core::ByteBudget::Share answer_bytes;
  Tally response_tally;
  std::unique_ptr<StreamWriter> writer;

  // The last bytes: they leave after the outcome is durable.
  ResponseHead reply_head;
  std::string reply;
  std::string reply_commitment;  // when it was made beside the event loop; else empty
  bool streamed = false;         // `reply` ends an open stream
  // The answer that the client gets is an error of the provider's, which the record says: its code.
  std::string_view provider_fault;

  std::int64_t upstream_wait_ns = 0;
  std::int64_t first_release_ns = 0;
  std::uint64_t released_bytes = 0;
  protocol::Usage usage;
  bool observed = false;  // the observer was told of the end

  [[nodiscard]] policies::Facts facts(std::string_view zone, std::int64_t wall_ns) const {
    return {&subject, request ? std::string_view(request->model()) : std::string_view(listed_model),
            endpoint->operation, zone, wall_ns};
  }
  // The access rules' answer for every model that the request lets answer it: where its model is
  // allowed and a fallback is not, the fallback's.
  [[nodiscard]] policies::AccessDecision access(policies::Facts facts) const {
    auto decision = policy->access(facts);
    if (!request) return decision;
    for (const std::string& fallback : request->models().subspan(1)) {
      if (!decision.allowed) break;
      facts.model = fallback;
      if (auto other = policy->access(facts); !other.allowed) decision = std::move(other);
    }
    return decision;
  }
  [[nodiscard]] std::string commitment(std::string_view bytes) const {
    return core::to_hex(core::as_text(core::sha256_joined({salt, bytes})));
  }
};

// Strongest decision over both directions.
[[nodiscard]] inline core::Action strongest(const Exchange& ex) {
  return std::max(ex.request_tally.decision, ex.response_tally.decision);
}

[[nodiscard]] Headers reply_headers(const Exchange& ex, std::string_view content_type);
void fill_outcome(Exchange& ex, const std::optional<core::Error>& error, std::int64_t now_ns);

}  // namespace menshen::pipeline
