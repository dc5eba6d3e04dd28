#include "proxy/pipeline/score_sampler.h"

#include "detectors/catalog.h"
#include "proxy/pipeline/record_builder.h"
#include "proxy/pipeline/scoring.h"

#include <exception>
#include <utility>

namespace menshen::pipeline {
namespace {

constexpr std::uint64_t million = 1'000'000;

std::size_t bytes_of(const ScoreSample& sample) noexcept {
  std::size_t bytes = sample.request->bytes().size() + sample.of_answers.bytes();
  for (const std::string& answer : sample.answers) bytes += answer.size();
  return bytes;
}

}  // namespace

// What is held until it is scored, and the share of all bodies that it takes.
struct ScoreSampler::Job {
  std::unique_ptr<ScoreSample> sample;
  core::ByteBudget::Share share;
};

ScoreSampler::ScoreSampler(audit::Journal& journal, const core::Clock& clock, WorkerPool& pool,
                           Options options)
    : journal_(journal), clock_(clock), pool_(pool), options_(options) {}

bool ScoreSampler::takes(std::string_view salt) const noexcept {
  std::uint64_t number = 0;
  for (const char c : salt.substr(0, 8)) number = number << 8U | static_cast<unsigned char>(c);
  return number % million < options_.per_million;
}

void ScoreSampler::take(std::unique_ptr<ScoreSample> sample) {
  if (sample->too_long) {
    ++counts_->too_long;
    return;
  }
  const auto job = std::make_shared<Job>();
  job->share = core::ByteBudget::Share(options_.bodies);
  const bool fits = job->share.grow_to(bytes_of(*sample));
  job->sample = std::move(sample);
  const auto work = [this, job](const std::stop_token& stop) {
    try {
      score(*job->sample, stop);
    } catch (const std::exception&) {
      ++counts_->failed;  // no memory
    }
  };
  if (!fits || !pool_.offer(work)) ++counts_->busy;
}

void ScoreSampler::score(const ScoreSample& sample, const std::stop_token& stop) {
  const auto request = score_request(*sample.request, sample.of_request, stop);
  const Grounds grounds{*sample.request, sample.policy->source_marks(), sample.of_answers};
  const std::vector<std::string_view> texts(sample.answers.begin(), sample.answers.end());
  const auto answers = score_answers(texts, grounds, sample.of_answer, stop);
  if (stop.stop_requested()) {
    ++counts_->busy;
    return;
  }
  if (!request || !answers) {
    ++counts_->failed;
    return;
  }
  audit::Record record;
  record.type = audit::RecordType::scores;
  record.wall_ns = clock_.wall_ns();
  record.exchange = sample.exchange;
  record.catalog = sample.policy->catalog()->digest();
  record.sampled_per_million = options_.per_million;
  copy_scores(*request, record.scores_request);
  copy_scores(*answers, record.scores_response);
  journal_.append(record, [counts = counts_](const core::Result<std::uint64_t>& written) {
    ++(written ? counts->scored : counts->failed);
  });
}

void ScoreSampler::stop() { counts_->busy += pool_.drop_offered(); }

ScoreSampler::Stats ScoreSampler::stats() const noexcept {
  return {counts_->scored, counts_->busy, counts_->too_long, counts_->failed};
}

}  // namespace menshen::pipeline
