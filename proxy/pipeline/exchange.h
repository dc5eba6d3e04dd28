// One exchange while it lives, by owner: each part is written by one stage and read by the later
// ones. Private to the pipeline.
//
//   class Read : public Stage { ... ex.request.value_.stream = true; ... };   // its owner
//   if (ex.request->stream) ...                                               // everybody behind
//   it
//
// What several stages have a hand in (who calls, the plan, the record, the last bytes) is a class
// whose verbs say what may happen to it.
#pragma once

#include "core/digest.h"
#include "proxy/pipeline/gateway.h"
#include "proxy/pipeline/identity.h"
#include "proxy/pipeline/inspection.h"
#include "proxy/pipeline/last_bytes.h"
#include "proxy/pipeline/numbering.h"
#include "proxy/pipeline/own_secrets.h"
#include "proxy/pipeline/plan.h"
#include "proxy/pipeline/record_builder.h"
#include "proxy/pipeline/score_sampler.h"
#include "proxy/pipeline/stream_writer.h"
#include "proxy/pipeline/tally.h"
#include "proxy/protocol/adapter.h"
#include "proxy/protocol/document.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::pipeline {

class Admit;
class AdmitListing;
class Deadline;
class Examine;
class Forward;
class Inspect;
class Open;
class Pings;
class Read;
class RoutePath;
class ScoreAnswer;

// A part of an exchange: `Owner` writes it, everybody reads it.
template <class T, class Owner>
class Owned {
 public:
  [[nodiscard]] const T& operator*() const noexcept { return value_; }
  [[nodiscard]] const T* operator->() const noexcept { return &value_; }

 private:
  friend Owner;
  T value_{};
};

struct Arrival {
  std::string id;
  std::int64_t opened_ns = 0;  // monotonic
  std::int64_t wall_ns = 0;
  std::string salt;                                   // of this exchange's commitments
  std::shared_ptr<const policies::PolicySet> policy;  // null: none is in force
  RoutesPtr routes;

  [[nodiscard]] std::string commitment(std::string_view bytes) const {
    return core::to_base64url(core::as_text(core::sha256_joined({salt, bytes})));
  }
};

// All the time that an exchange has.
struct TimeLimit {
  std::int64_t end_ns = 0;  // monotonic

  [[nodiscard]] bool is_over(std::int64_t now_ns) const noexcept { return now_ns >= end_ns; }
};

// What was called.
struct Called {
  const protocol::Endpoint* endpoint = nullptr;  // null: nothing known
  std::string query;
  std::string path_model;  // that the path names
};

struct Request {
  std::optional<protocol::Document> document;
  std::string commitment;
  bool stream = false;  // it asks for one, and the endpoint has them
};

// What the access rules say of a zone.
struct ZoneAccess {
  std::string_view zone;
  policies::AccessDecision decision;
};

struct Admission {
  std::vector<ZoneAccess> zones;
  std::vector<Target> targets;  // that the access rules allow
  std::string_view route;       // of the arrival's routes: as what they know the model

  // The rule that decided about a zone; null: none of its own.
  [[nodiscard]] const std::string* rule_at(std::string_view zone) const {
    const auto access = std::ranges::find(zones, zone, &ZoneAccess::zone);
    return access == zones.end() ? nullptr : &access->decision.rule;
  }
};

// Upstreams to ask for their models.
struct ListingAdmission {
  std::vector<Target> targets;
};

// A header of the client's that passes, and what was found in its value.
struct FoundHeader {
  std::size_t index = 0;  // in the request's head
  std::vector<core::Finding> findings;
};

struct Inspection {
  Inspected found;
  std::vector<FoundHeader> in_headers;  // those with findings
  std::vector<core::Finding> in_path;   // in the model that the path names
  // Of each of found.opaque: an answer to the subject had it. Empty where no rule asks.
  std::vector<bool> seen;
  std::optional<core::ScoreKinds> scores_asked;  // by rules; the others were not computed
  Tally tally;  // what was scanned, the scores, and what could not be told
};

// The provider's answer, being read.
struct Delivery {
  std::unique_ptr<UpstreamCall> call;  // null: there is none yet
  std::string_view zone;
  std::shared_ptr<const OwnSecrets> secrets;  // ours there; null: there are none
  std::string_view model;  // that the answer shall name, of the request; empty: as it does
};

// The head of a request as far as it says which API is called.
[[nodiscard]] inline protocol::Head head_of(const RequestHead& head) noexcept {
  const std::string_view target = head.target;
  const std::size_t mark = target.find('?');
  return {head.method, target.substr(0, mark),
          mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1),
          head.headers};
}

struct Exchange {
  Exchange(Client& c, const Redactor& redactor) : client(c), replacer(redactor) {}

  Client& client;
  Replacer replacer;
  RecordBuilder record;
  Owned<Arrival, Open> arrival;
  std::optional<ScannerPool> scanners;  // of the policy's catalog, made with the arrival
  Owned<TimeLimit, Deadline> time;
  Owned<Called, RoutePath> called;
  Identity identity;
  Owned<Request, Read> request;
  Owned<Admission, Admit> admission;
  Owned<ListingAdmission, AdmitListing> listing;
  Owned<Inspection, Inspect> inspection;
  Plan plan;
  Owned<std::unique_ptr<StreamWriter>, Pings> writer;  // of a stream
  Owned<Delivery, Forward> delivery;
  Owned<Headers, Examine> answer_headers;  // of the provider's, those that pass
  Owned<Tally, Examine> answer_tally;
  Owned<std::int64_t, ScoreAnswer> held_ns;  // a stream, until its scores were known
  // Digests of what the client may send back, where a rule asks for what was seen.
  Owned<std::vector<core::Digest>, Examine> answer_values;
  LastBytes last;
  std::unique_ptr<ScoreSample> sample;  // null: the exchange is not of the sample

  // In whose shape the caller is answered: as long as nobody knows what he called, that in which he
  // most likely wants errors.
  [[nodiscard]] const protocol::Adapter& adapter() const {
    return called->endpoint == nullptr ? protocol::likely_adapter(head_of(client.head()))
                                       : called->endpoint->adapter();
  }
  [[nodiscard]] const Tally& request_tally() const noexcept {
    const Tally* const judged = plan.tally();
    return judged == nullptr ? inspection->tally : *judged;
  }
  // Strongest decision over both directions.
  [[nodiscard]] core::Action decision() const noexcept {
    return std::max(request_tally().decision, answer_tally->decision);
  }
  [[nodiscard]] policies::Facts facts(std::string_view zone) const {
    policies::Facts out{&identity.subject(), called->path_model, called->endpoint->operation, zone,
                        arrival->wall_ns};
    if (request->document) {
      out.model = request->document->model();
      out.fallbacks = request->document->models().subspan(1);
    }
    return out;
  }
};

// Headers of a whole answer, or of an error.
[[nodiscard]] Headers reply_headers(const Exchange& ex, std::string_view content_type,
                                    const core::Error* error = nullptr);
// Those of a stream's head, which leaves at any time before its end: without scores and what
// annotates, so that they do not depend on it. The stream's own event has them.
[[nodiscard]] Headers stream_headers(const Exchange& ex);

// Headers that pass, in either direction: names from a list, values that are read and judged as
// other texts are. Everything else stays behind.
inline constexpr std::size_t passed_header_bytes_max = 1024;

// Of the client's. Errors: "header_too_long", "bad_header_value", with the header's name.
[[nodiscard]] core::Result<void> check_headers(const Exchange& ex);
// Error: a detector failed.
[[nodiscard]] core::Result<std::vector<FoundHeader>> find_in_headers(Exchange& ex);
// All that pass, whatever was found in them. Valid as long as the exchange.
[[nodiscard]] std::vector<TextBeside> passed_headers(const Exchange& ex);
// Those in which something is replaced. Error: a rule refuses one, whose name it has.
[[nodiscard]] core::Result<std::vector<RedactedHeader>> redact_headers(const Exchange& ex,
                                                                       Judge& judge,
                                                                       Replacer& replacer);
// What goes to the target that was prepared last. `secret`: the deployment's, by which callers'
// idempotency keys are set apart.
[[nodiscard]] Headers provider_headers(const Exchange& ex, const Target& target,
                                       std::string_view secret);

// Of the provider's; one that repeats a secret of ours stays behind. Error: a rule refuses one; a
// detector failed, where the policy does not let that pass.
[[nodiscard]] core::Result<Headers> pass_answer_headers(Exchange& ex, const TextRules& rules);

}  // namespace menshen::pipeline
