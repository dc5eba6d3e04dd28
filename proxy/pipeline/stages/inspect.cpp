// What stands in the request, whatever its target: findings, and the scores of what was said that
// its rules ask for.
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/lane.h"
#include "proxy/pipeline/scoring.h"
#include "proxy/pipeline/stages.h"

#include <string>
#include <utility>

namespace menshen::pipeline {

class Inspect : public Stage {
 public:
  explicit Inspect(Lane& lane) : lane_(lane) {}

  Step before(Exchange& ex) override {
    if (auto good = check_headers(ex); !good) return good;
    const protocol::Document& document = *ex.request->document;
    ex.inspection.value_.scores_asked = asked_of(ex);
    // A few numbers of tokens may stand for a long text.
    const bool is_long =
        document.bytes().size() > core::inline_scan_bytes_max || document.has_token_lists();
    if (is_long) return inspect_beside(ex);
    auto scanned = scan(document, ex.inspection.value_, *ex.scanners, {});
    recognise(ex, {});
    return conclude(ex, std::move(scanned));
  }

 private:
  // In any zone where the request may go.
  static core::ScoreKinds asked_of(const Exchange& ex) {
    core::ScoreKinds asked;
    for (const ZoneAccess& zone : ex.admission->zones) {
      if (!zone.decision.allowed) continue;
      asked.add(ex.arrival->policy->scores_asked(ex.facts(zone.zone), core::Direction::request));
    }
    return asked;
  }

  asio::awaitable<core::Result<void>> inspect_beside(Exchange& ex) {
    core::Result<void> scanned;
    const WorkerPool::Work work = [&](const std::stop_token& stop) {
      ScannerPool own(ex.arrival->policy->catalog());
      scanned = scan(*ex.request->document, ex.inspection.value_, own, stop);
      recognise(ex, stop);
    };
    if (auto ran = co_await run_long(lane_, ex, work); !ran) co_return ran.error();
    co_return conclude(ex, std::move(scanned));
  }

  // Which values of the request an answer to its subject had.
  void recognise(Exchange& ex, const std::stop_token& stop) const {
    if (!ex.arrival->policy->asks_what_was_seen() || lane_.services.seen == nullptr) return;
    const protocol::Document& document = *ex.request->document;
    Inspection& inspection = ex.inspection.value_;
    std::string scratch;
    for (const std::uint32_t index : inspection.found.opaque) {
      if (stop.stop_requested()) return;  // nobody asks any more
      const protocol::Leaf& leaf = document.leaves()[index];
      inspection.seen.push_back(
          leaf.returned && lane_.services.seen->knows(ex.identity.subject(),
                                                      core::sha256(document.text(leaf, scratch))));
    }
  }

  static core::Result<void> conclude(Exchange& ex, core::Result<void> scanned) {
    Inspection& inspection = ex.inspection.value_;
    const auto keep = [&scanned](auto found, auto& in) {
      if (found) {
        in = std::move(*found);
      } else if (scanned || !may_pass(found.error())) {
        scanned = found.error();
      }
    };
    if (const std::string& model = ex.called->path_model; !model.empty())
      keep(ex.scanners->scan(model), inspection.in_path);
    keep(find_in_headers(ex), inspection.in_headers);
    if (!scanned) {
      scanned = could_not_tell(ex.arrival->policy->defaults(), scanned.error(), inspection.tally);
      if (!scanned) return scanned;
    }
    inspection.tally.scanned_bytes = inspection.found.scanned_bytes;
    inspection.tally.scanned_segments = inspection.found.scanned_segments;
    return {};
  }

  static core::Result<void> scan(const protocol::Document& document, Inspection& inspection,
                                 ScannerPool& pool, const std::stop_token& stop) {
    auto inspected = pipeline::inspect(document, pool, stop);
    if (!inspected) {
      inspection.found = unread(document);
      return inspected.error();
    }
    inspection.found = std::move(*inspected);
    auto scores = score_request(document, *inspection.scores_asked, stop);
    if (!scores) return scores.error();
    inspection.tally.scores = *scores;
    return {};
  }

  Lane& lane_;
};

constinit const StageKind inspect_stage = stage_kind<Inspect>("inspect");

}  // namespace menshen::pipeline
