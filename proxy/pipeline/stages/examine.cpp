// What stands in the provider's answer: a stream goes through its guard, a whole answer is parsed
// and inspected when its last byte is here.
#include "proxy/pipeline/examined.h"
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/lane.h"
#include "proxy/pipeline/recordable.h"
#include "proxy/pipeline/scoring.h"
#include "proxy/pipeline/stages.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace menshen::pipeline {
namespace {

using core::ErrorKind;

bool content_type_is(const Headers& headers, std::string_view wanted) {
  const auto type = find_header(headers, "content-type");
  if (!type || type->size() < wanted.size()) return false;
  return std::ranges::equal(type->substr(0, wanted.size()), wanted, [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == b;
  });
}

// A 403 is about what the caller may do there (a model, a region), and he is told it.
bool refuses_credential(unsigned status) { return status == 401; }

// What the head tells of an answer's status: an error that is told as one.
bool is_failure(unsigned status) { return status >= 400 && !refuses_credential(status); }

core::Error provider_refused(unsigned status) {
  if (refuses_credential(status)) {
    return core::provider_error(
        ErrorKind::bad_upstream, "upstream_credential_refused",
        "The provider refused the gateway's credential; tell your operator.");
  }
  return core::provider_error(
      ErrorKind::bad_upstream, "bad_upstream_body",
      "The provider answered " + std::to_string(status) + " with a body that is not of this API.");
}

// Our secrets, as far as they can be told from ordinary words.
std::span<const detectors::Literal> told_secrets(const Delivery& delivery) {
  if (delivery.secrets == nullptr) return {};
  return is_success(delivery.call->status()) ? delivery.secrets->told() : delivery.secrets->all();
}

std::vector<core::Digest> values_of(const protocol::Document& document,
                                    std::span<const std::uint32_t> opaque) {
  AnswerValues values;
  std::string scratch;
  for (const std::uint32_t index : opaque) {
    const protocol::Leaf& leaf = document.leaves()[index];
    if (leaf.returned) values.add(document.text(leaf, scratch), leaf.container);
  }
  return values.finish();
}

// The provider's next bytes, or its end if there are none.
core::Result<void> feed_guard(StreamGuard& guard, std::string_view bytes,
                              std::vector<Release>& out) {
  return bytes.empty() ? guard.finish(out) : guard.feed(bytes, out);
}

}  // namespace

class Examine : public Stage {
 public:
  explicit Examine(Lane& lane) : lane_(lane), bodies_(lane.services.bodies) {}

  Step before(Exchange& ex) override {
    const policies::PolicySet& policy = *ex.arrival->policy;
    const UpstreamCall& call = *ex.delivery->call;
    Tally& tally = ex.answer_tally.value_;
    told_.emplace(*ex.scanners, told_secrets(*ex.delivery));
    answer_.emplace(Judge(policy.content(ex.facts(ex.delivery->zone), core::Direction::response),
                          core::Direction::response, tally),
                    ex.replacer, ex.plan.pseudonyms(), tally, call.status());
    const bool has_text =
        is_success(call.status()) && ex.called->endpoint->operation != core::Operation::embeddings;
    if (ex.sample && has_text)
      answer_->scores_sampled = not_asked(core::Direction::response, answer_->scores_asked);
    auto passed = pass_answer_headers(ex, answer_->rules);
    if (!passed) return passed.error();
    ex.answer_headers.value_ = std::move(*passed);
    const bool is_stream = is_success(call.status()) && ex.request->stream &&
                           content_type_is(call.headers(), ex.adapter().facts().stream_type);
    if (!is_stream) return {};
    received_.emplace(ex.arrival->salt);
    const core::ScoreKinds scores = answer_->scores();
    const bool hold_all = answer_->judge.scores_hold_streams();
    answer_->stream.emplace(*ex.called->endpoint, lane_.services.limits, *told_, answer_->rules,
                            policy.defaults(), tally,
                            StreamGuardOptions{.hold_all = hold_all,
                                               .keep_answer = !scores.empty(),
                                               .keep_sources = scores.any_by_sources(),
                                               .keep_values = policy.asks_what_was_seen(),
                                               .model = ex.delivery->model});
    return {};
  }

  Pending piece(Exchange& ex, Piece& piece) override {
    piece.examined = &*answer_;
    if (piece.error) return std::nullopt;
    core::Result<void> taken;
    if (!answer_->stream) {
      if (piece.bytes.empty()) return take_body(ex, piece);
      taken = keep(piece.bytes);
    } else {
      received_->update(piece.bytes);
      has_received_ = has_received_ || !piece.bytes.empty();
      StreamGuard& guard = *answer_->stream;
      if (guard.unread_bytes() + piece.bytes.size() > core::inline_scan_bytes_max) {
        return take_long_event(ex, piece);
      }
      std::vector<Release> out;
      taken = feed_guard(guard, piece.bytes, out);
      add_releases(out, piece);
      piece.end = guard.complete();
    }
    if (!taken) piece.fail(taken.error());
    return std::nullopt;
  }

  // Where a stream ended is for its guard to say, and the transport learns it here.
  Pending after(Exchange& ex, Ending& ending) override {
    if (!answer_) return std::nullopt;
    if (!answer_->stream) {
      tell_of_misanswer(ex, ending);
      return std::nullopt;
    }
    StreamGuard& guard = *answer_->stream;
    const bool broken = ending.error && ending.error->kind == ErrorKind::bad_upstream;
    if (guard.complete() || broken) ex.delivery->call->conclude(guard.complete());
    if (!ending.error && guard.provider_failed()) ex.record.provider_failed("provider_error_event");
    ex.record.counted(guard.usage());
    tell_of_answer(ex, guard.facts());
    ex.answer_values.value_ = guard.take_values();
    if (has_received_) {
      ex.record.received_answer(core::to_base64url(core::as_text(received_->finish())));
    }
    return std::nullopt;
  }

 private:
  // A failure is counted by its status.
  void tell_of_misanswer(Exchange& ex, const Ending& ending) const {
    if (!ending.error || ending.error->kind != ErrorKind::bad_upstream) return;
    if (is_success(answer_->status)) ex.delivery->call->misanswered(ending.error->code);
  }

  // The model that was asked for says nothing that the record does not have.
  void tell_of_answer(Exchange& ex, const protocol::AnswerFacts& facts) {
    const bool is_asked = ex.record.asked_for(facts.model);
    ex.record.told_of_answer(recordable(facts.id, *told_),
                             is_asked ? std::string_view() : recordable(facts.model, *told_),
                             facts.finish);
  }

  // An event that has grown long. This thread's scanners serve other exchanges meanwhile.
  asio::awaitable<void> take_long_event(Exchange& ex, Piece& piece) {
    StreamGuard& guard = *answer_->stream;
    if (!beside_) beside_.emplace();
    told_->use(*beside_);
    std::vector<Release> out;
    core::Result<void> fed;
    const WorkerPool::Work work = [&](const std::stop_token&) {
      fed = feed_guard(guard, piece.bytes, out);
    };
    const auto ran = co_await run_long(lane_, ex, work);
    told_->use(*ex.scanners);
    if (!ran) {
      piece.fail(ran.error());
      co_return;
    }
    add_releases(out, piece);
    piece.end = guard.complete();
    if (!fed) piece.fail(fed.error());
  }

  asio::awaitable<void> take_body(Exchange& ex, Piece& piece) {
    piece.end = true;
    const auto read = co_await read_body(ex);
    if (!read) piece.fail(read.error());
  }

  asio::awaitable<core::Result<void>> read_body(Exchange& ex) {
    UpstreamCall& call = *ex.delivery->call;
    call.conclude(true);
    const bool is_json = content_type_is(call.headers(), "application/json");
    if (!is_failure(answer_->status) && !(is_json && is_success(answer_->status))) {
      co_return provider_refused(answer_->status);
    }
    core::Result<void> read;
    if (body_.size() > core::inline_scan_bytes_max) {
      const WorkerPool::Work work = [&](const std::stop_token& stop) {
        ScannerPool own(ex.arrival->policy->catalog(), told_secrets(*ex.delivery));
        read = examine_body(ex, is_json, own, stop);
      };
      if (auto ran = co_await run_long(lane_, ex, work); !ran) co_return ran;
    } else {
      read = examine_body(ex, is_json, *told_, {});
    }
    if (answer_->document) {
      ex.record.counted(answer_->document->usage());
      protocol::AnswerFacts facts;
      if (is_success(answer_->status)) answer_->document->tell(facts);
      tell_of_answer(ex, facts);
    }
    co_return read;
  }

  core::Result<void> keep(std::string_view bytes) {
    const std::size_t size = body_.size() + bytes.size();
    if (!bodies_.grow_to(size)) {
      return core::gateway_error(ErrorKind::unavailable, "bodies_full",
                                 "The gateway holds as many bytes of bodies as it may; try again "
                                 "later.");
    }
    if (size > lane_.services.limits.response_body_bytes_max) {
      return core::provider_error(ErrorKind::bad_upstream, "answer_too_large",
                                  "The provider's answer passed response_body_bytes_max.");
    }
    body_.append(bytes);
    return {};
  }

  core::Result<void> examine_body(Exchange& ex, bool is_json, ScannerPool& pool,
                                  const std::stop_token& stop) {
    ex.record.received_answer(ex.arrival->commitment(body_));
    auto parsed = parse(ex, is_json);
    if (!parsed) return parsed.error();
    const protocol::Document& document = answer_->document.emplace(std::move(*parsed));
    const policies::Defaults& defaults = ex.arrival->policy->defaults();
    Tally& tally = ex.answer_tally.value_;
    auto found = pipeline::inspect(document, pool, stop);
    if (!found) {
      if (auto passed = could_not_tell(defaults, found.error(), tally); !passed) return passed;
      found = unread(document);
    }
    answer_->found = std::move(*found);
    tally.scanned_bytes = answer_->found.scanned_bytes;
    tally.scanned_segments = answer_->found.scanned_segments;
    for (const std::uint32_t leaf : answer_->found.opaque) {
      auto allowed = answer_->judge.judge_opaque(document, document.leaves()[leaf]);
      if (!allowed) return allowed;
    }
    if (ex.arrival->policy->asks_what_was_seen())
      ex.answer_values.value_ = values_of(document, answer_->found.opaque);
    return {};
  }

  // A provider's error keeps its status, whatever its body is; a body that cannot be read stays
  // here.
  core::Result<protocol::Document> parse(Exchange& ex, bool is_json) {
    const auto read = [&](std::string text) {
      return protocol::Document::parse_response(std::move(text), *ex.called->endpoint,
                                                answer_->status, lane_.services.limits);
    };
    if (is_json) {
      auto document = read(std::move(body_));
      if (document || !is_failure(answer_->status)) return document;
    }
    ex.record.provider_failed("bad_upstream_body");
    answer_->replaced = true;
    return read(ex.adapter().provider_error_body(answer_->status, provider_refused(answer_->status),
                                                 ex.arrival->id));
  }

  Lane& lane_;
  std::optional<ScannerPool> told_;    // that know our secrets
  std::optional<ScannerPool> beside_;  // of the thread that reads a long event
  std::optional<Examined> answer_;
  std::optional<core::Sha256> received_;  // of a stream
  bool has_received_ = false;             // a byte of it
  core::ByteBudget::Share bodies_;        // that body_ takes
  std::string body_;                      // of a whole answer, until it is parsed
};

constinit const StageKind examine_stage = stage_kind<Examine>("examine");

}  // namespace menshen::pipeline
