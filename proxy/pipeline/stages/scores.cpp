// Scores of the answer that its rules ask for, known when all of it was read: a rule on them may
// refuse it, so a stream that it may refuse is held until here, and others are annotated at their
// end.
#include "proxy/pipeline/examined.h"
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/lane.h"
#include "proxy/pipeline/scoring.h"
#include "proxy/pipeline/sources.h"
#include "proxy/pipeline/stages.h"

#include <string_view>
#include <utility>
#include <vector>

namespace menshen::pipeline {
namespace {

using core::ErrorKind;

}  // namespace

class ScoreAnswer : public Stage {
 public:
  explicit ScoreAnswer(Lane& lane) : lane_(lane) {}

  Pending piece(Exchange& ex, Piece& piece) override {
    const bool holds = piece.examined->stream && piece.examined->judge.scores_hold_streams();
    if (holds && held_since_ns_ == 0 && !piece.bytes.empty()) held_since_ns_ = lane_.now_ns();
    if (piece.error) note_held(ex);
    if (piece.error || !piece.end) return std::nullopt;
    if (!piece.examined->scores_asked.empty() || holds) return score(ex, piece);
    if (piece.examined->stream) piece.last.insert(0, judgement_event(ex));
    keep_for_sample(ex, *piece.examined);
    return std::nullopt;
  }

 private:
  asio::awaitable<void> score(Exchange& ex, Piece& piece) {
    Examined& answer = *piece.examined;
    core::Result<void> scored;
    if (answer.stream) {
      scored = co_await score_stream(ex, answer, piece);
    } else {
      scored = co_await score_document(ex, answer);
    }
    note_held(ex);
    if (!scored) piece.fail(scored.error());
    keep_for_sample(ex, answer);
  }

  // The answer is whole, and what holds it goes on its way.
  void keep_for_sample(Exchange& ex, Examined& answer) const {
    if (answer.scores_sampled.empty()) return;
    ScoreSample& sample = *ex.sample;
    sample.of_answer = answer.scores_sampled;
    if (answer.stream) {
      sample.too_long = answer.stream->answer_too_long();
      sample.answers = answer.stream->take_answers();
      sample.of_answers = answer.stream->take_sources();
      return;
    }
    sample.too_long = answer.document->bytes().size() > lane_.services.limits.score_text_bytes_max;
    if (sample.too_long) return;
    const AnswerTexts texts(*answer.document);
    sample.answers.assign(texts.views().begin(), texts.views().end());
    sample.of_answers.add_from(*answer.document);
    sample.of_answers.keep();
  }

  void note_held(Exchange& ex) {
    if (held_since_ns_ != 0) ex.held_ns.value_ = lane_.now_ns() - held_since_ns_;
  }

  asio::awaitable<core::Result<void>> score_stream(Exchange& ex, Examined& answer, Piece& piece) {
    StreamGuard& guard = *answer.stream;
    if (guard.answer_too_long()) {
      scores_ = core::gateway_error(
          ErrorKind::internal, "answer_too_long_to_score",
          "The answer is longer than score_text_bytes_max, so it cannot be scored.");
    } else {
      std::size_t bytes = 0;
      for (const std::string& text : guard.answers()) bytes += text.size();
      const auto work = [&](const std::stop_token& stop) {
        const Grounds grounds = grounds_of(ex, guard.sources());
        const std::vector<std::string_view> texts(guard.answers().begin(), guard.answers().end());
        scores_ = score_answers(texts, grounds, answer.scores_asked, stop);
      };
      if (auto ran = co_await run(ex, bytes, work); !ran) co_return ran;
    }
    // Where no rule depends on the scores, an answer without them is only less annotated.
    policies::Defaults defaults = ex.arrival->policy->defaults();
    if (!answer.judge.scores_hold_streams()) defaults.on_error = core::Action::allow;
    if (auto allowed = judge(answer.judge, defaults); !allowed) co_return allowed;
    std::vector<Release> out;
    const WorkerPool::Work release = [&](const std::stop_token&) { guard.scores_passed(out); };
    if (guard.held_bytes() <= core::inline_scan_bytes_max) {
      release({});
    } else if (auto ran = co_await run_long(lane_, ex, release); !ran) {
      co_return ran;
    }
    add_releases(out, piece);
    piece.last.insert(0, judgement_event(ex));
    co_return core::Result<void>{};
  }

  // What headers say of a whole answer.
  static std::string judgement_event(const Exchange& ex) {
    const Tally& request = ex.request_tally();
    const Tally& answer = *ex.answer_tally;
    const std::string decision = decision_header(core::to_string(ex.decision()), request, answer);
    const std::string annotations = annotations_header(request, answer);
    return ex.adapter().scores_event(*ex.called->endpoint, {decision, annotations, answer.scores});
  }

  asio::awaitable<core::Result<void>> score_document(Exchange& ex, Examined& answer) {
    const bool is_scored =
        is_success(answer.status) && ex.called->endpoint->operation != core::Operation::embeddings;
    if (is_scored) {
      const auto work = [&](const std::stop_token& stop) {
        Sources of_answer;
        if (answer.scores_asked.any_by_sources()) of_answer.add_from(*answer.document);
        const Grounds grounds = grounds_of(ex, of_answer);
        const AnswerTexts texts(*answer.document);
        scores_ = score_answers(texts.views(), grounds, answer.scores_asked, stop);
      };
      if (auto ran = co_await run(ex, answer.document->bytes().size(), work); !ran) co_return ran;
    }
    co_return judge(answer.judge, ex.arrival->policy->defaults());
  }

  // What claims are compared with is read too.
  template <class Work>
  asio::awaitable<core::Result<void>> run(Exchange& ex, std::size_t answer_bytes,
                                          const Work& work) {
    if (ex.request->document->bytes().size() + answer_bytes <= core::inline_scan_bytes_max) {
      work({});
      co_return core::Result<void>{};
    }
    const WorkerPool::Work beside = work;
    co_return co_await run_long(lane_, ex, beside);
  }

  static Grounds grounds_of(const Exchange& ex, const Sources& of_answer) {
    return {*ex.request->document, ex.arrival->policy->source_marks(), of_answer};
  }

  core::Result<void> judge(Judge& judge, const policies::Defaults& defaults) {
    if (!scores_) {
      if (auto passed = judge.could_not_tell(defaults, scores_.error()); !passed) return passed;
      scores_ = core::Scores{};
    }
    return judge.judge(*scores_);
  }

  Lane& lane_;
  std::int64_t held_since_ns_ = 0;  // 0: nothing is held
  core::Result<core::Scores> scores_ = core::Scores{};
};

constinit const StageKind scores_stage = stage_kind<ScoreAnswer>("scores");

}  // namespace menshen::pipeline
