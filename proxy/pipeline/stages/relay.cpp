// The answer on its way to the client: what may leave of a stream leaves, and the last bytes, or a
// whole answer, are kept for the time when the outcome is durable.
#include "detectors/literal.h"
#include "proxy/pipeline/examined.h"
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/lane.h"
#include "proxy/pipeline/stages.h"

#include <optional>
#include <string>
#include <utility>

namespace menshen::pipeline {

class Relay : public Stage {
 public:
  explicit Relay(Lane& lane) : lane_(lane) {}

  Step before(Exchange& ex) override {
    StreamWriter* const writer = ex.writer->get();
    if (writer != nullptr) writer->pass(*ex.answer_headers);
    return {};
  }

  Pending piece(Exchange& ex, Piece& piece) override {
    is_stream_ = piece.examined->stream.has_value();
    const bool ends = piece.end && !piece.error;
    if (piece.leaving.empty() && !ends) return std::nullopt;
    return release(ex, piece);
  }

  // The end of a stream leaves when its outcome is durable, and not at all behind an error.
  Pending after(Exchange& ex, Ending& ending) override {
    const bool ends = !ending.error && ex.last.ends_stream();
    if (ends) note(ex, ex.last.bytes());
    if (released_)
      ex.record.released_in_all(core::to_base64url(core::as_text(released_->finish())));
    return std::nullopt;
  }

 private:
  asio::awaitable<void> release(Exchange& ex, Piece& piece) {
    if (!piece.leaving.empty()) {
      const auto written = co_await write(ex, piece.leaving);
      if (!written) piece.error = written.error();
      piece.leaving.clear();
    }
    if (piece.error || !piece.end) co_return;
    if (is_stream_) {
      ex.last.keep_end_of_stream(std::move(piece.last));
    } else if (auto made = co_await make_reply(ex, *piece.examined); !made) {
      piece.error = made.error();
    }
  }

  // What the client's connection did not take has not left.
  asio::awaitable<core::Result<void>> write(Exchange& ex, std::string_view bytes) {
    const std::int64_t began = lane_.now_ns();
    auto written = co_await (*ex.writer)->write(bytes);
    if (!written) co_return written;
    if (!released_) ex.record.first_released(began);
    note(ex, bytes);
    ex.record.released(bytes.size());
    co_return written;
  }

  void note(Exchange& ex, std::string_view bytes) {
    if (!released_) released_.emplace(ex.arrival->salt);
    released_->update(bytes);
  }

  asio::awaitable<core::Result<void>> make_reply(Exchange& ex, Examined& answer) {
    std::string body;
    std::string commitment;
    core::Result<void> made;
    const auto work = [&](const std::stop_token& stop) {
      made = redact_answer(ex, answer, body, commitment, stop);
    };
    if (answer.document->bytes().size() > core::inline_scan_bytes_max ||
        answer.found.findings.size() > inline_findings_max) {
      const WorkerPool::Work long_work = work;
      if (auto ran = co_await run_long(lane_, ex, long_work); !ran) co_return ran;
    } else {
      work({});
    }
    if (!made) {
      if (!tells_our_secret(answer)) co_return made;
      body = withheld(ex, answer.status, made.error());
    }
    ResponseHead head{answer.status, reply_headers(ex, "application/json")};
    head.headers.insert(head.headers.end(), ex.answer_headers->begin(), ex.answer_headers->end());
    ex.last.keep(std::move(head), std::move(body), std::move(commitment));
    co_return core::Result<void>{};
  }

  // A rule refuses a provider's error for the gateway's own credential in it: what it says stays
  // here, but not that it came and when to try again.
  [[nodiscard]] static bool tells_our_secret(const Examined& answer) noexcept {
    return answer.status >= 400 && answer.judge.refused_type() == &detectors::provider_credential;
  }
  static std::string withheld(Exchange& ex, unsigned status, core::Error refusal) {
    ex.record.provider_failed("content_refused");
    refusal.message.insert(
        0, "The provider answered " + std::to_string(status) + ", and what it said is withheld: ");
    return ex.adapter().provider_error_body(status, refusal, ex.arrival->id);
  }

  core::Result<void> redact_answer(const Exchange& ex, Examined& answer, std::string& body,
                                   std::string& commitment, const std::stop_token& stop) {
    protocol::Document& document = *answer.document;
    protocol::Edits edits;
    auto redacted =
        redact(document, answer.found, answer.rules, core::Direction::response, edits, stop);
    if (!redacted) return redacted;
    if (!ex.delivery->model.empty()) document.rename_answer(edits, ex.delivery->model);
    const bool as_it_came = edits.empty() && !answer.replaced;
    body = edits.empty() ? std::move(document).take_bytes() : document.apply(edits);
    commitment = as_it_came ? ex.record.so_far().response_commitment : ex.arrival->commitment(body);
    return {};
  }

  Lane& lane_;
  std::optional<core::Sha256> released_;  // what has left of a stream
  bool is_stream_ = false;
};

constinit const StageKind relay_stage = stage_kind<Relay>("relay");

}  // namespace menshen::pipeline
