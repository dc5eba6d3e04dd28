// The provider's answer: inspected, judged, and released up to its last bytes, which close() lets
// go.
#include "proxy/pipeline/stages.h"

#include "detectors/scores.h"

#include <algorithm>

namespace menshen::pipeline {
namespace {

using core::ErrorKind;

bool is_success(unsigned status) { return status >= 200 && status < 300; }

bool content_type_is(const Headers& headers, std::string_view wanted) {
  const auto type = find_header(headers, "content-type");
  if (!type || type->size() < wanted.size()) return false;
  return std::ranges::equal(type->substr(0, wanted.size()), wanted, [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == b;
  });
}

// What the model says; the parts of one text are one answer.
std::vector<std::string> answers_of(const protocol::Document& document) {
  std::vector<std::string> answers;
  std::string scratch;
  for (const protocol::Leaf& leaf : document.leaves()) {
    if (!leaf.answer || leaf.kind != protocol::LeafKind::text) continue;
    const std::string_view text = document.text(leaf, scratch);
    if (leaf.begins_part && !answers.empty())
      answers.back().append(text);
    else
      answers.emplace_back(text);
  }
  return answers;
}

bool refuses_credential(unsigned status) { return status == 401 || status == 403; }

// What the head tells of an answer's status: an error that is told as one.
bool is_failure(unsigned status) { return status >= 400 && !refuses_credential(status); }

bool is_scored(const protocol::Endpoint& endpoint, unsigned status) {
  return is_success(status) && endpoint.operation != core::Operation::embeddings;
}

// The provider's next bytes, or its end if there are none.
core::Result<void> feed_guard(StreamGuard& guard, std::string_view piece,
                              std::vector<Release>& out) {
  return piece.empty() ? guard.finish(out) : guard.feed(piece, out);
}

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

// Our credential, as far as it can be told from an ordinary word. Errors are where providers repeat
// it, and need no ordinary words.
const detectors::Literal* told_credential(const Exchange& ex) {
  const detectors::Literal* const credential = ex.credential.get();
  if (credential == nullptr) return nullptr;
  const bool told = credential->size() >= core::told_credential_bytes_min;
  return told || !is_success(ex.call->status()) ? credential : nullptr;
}

// A provider's error keeps its status, whatever its body is; a body that cannot be read stays here.
core::Result<protocol::Document> parse_answer(Exchange& ex, AnswerRead& answer,
                                              const core::Limits& limits) {
  const auto parse = [&](std::string text) {
    return protocol::Document::parse_response(std::move(text), *ex.endpoint, answer.status, limits);
  };
  if (answer.json) {
    auto document = parse(std::move(answer.body));
    if (document || !is_failure(answer.status)) return document;
  }
  ex.provider_fault = "bad_upstream_body";
  return parse(protocol::provider_error_body(ex.family, answer.status, ex.id));
}

}  // namespace

asio::awaitable<core::Result<std::string_view>> Stages::read_upstream(Exchange& ex) {
  const std::int64_t began = services.clock->monotonic_ns();
  auto piece = co_await ex.call->read();
  const std::int64_t now = services.clock->monotonic_ns();
  ex.upstream_wait_ns += now - began;
  if (piece && (now - ex.opened_ns) / 1'000'000 > services.limits.exchange_timeout_ms) {
    co_return core::provider_error(ErrorKind::upstream_timeout, "exchange_timeout",
                                   "The exchange took longer than exchange_timeout_ms.");
  }
  co_return piece;
}

asio::awaitable<core::Result<std::string>> Stages::read_answer(Exchange& ex) {
  std::string body;
  ex.answer_bytes = core::ByteBudget::Share(services.bodies);
  while (true) {
    const auto piece = co_await read_upstream(ex);
    if (!piece) co_return piece.error();
    if (piece->empty()) {
      ex.call->conclude(true);
      co_return body;
    }
    if (!ex.answer_bytes.grow_to(body.size() + piece->size())) {
      co_return core::gateway_error(ErrorKind::unavailable, "bodies_full",
                                    "The gateway holds as many bytes of bodies as it may; try "
                                    "again later.");
    }
    if (body.size() + piece->size() > services.limits.response_body_bytes_max) {
      co_return core::provider_error(ErrorKind::bad_upstream, "answer_too_large",
                                     "The provider's answer passed response_body_bytes_max.");
    }
    body.append(*piece);
  }
}

core::Result<core::Scores> Stages::score_answers(Exchange& ex, std::span<const std::string> answers,
                                                 const Sources& of_answer,
                                                 const std::stop_token& stop) {
  Sources sources(*ex.request, ex.policy->source_marks());
  sources.add_from(of_answer);
  return detectors::score_answers(answers, sources.views(), stop);
}

asio::awaitable<core::Result<void>> Stages::relay(Exchange& ex) {
  if (!ex.call) co_return core::Result<void>{};  // a listing: the reply is made
  Judge judge(
      ex.policy->content(ex.facts(ex.record.zone, ex.record.wall_ns), core::Direction::response),
      core::Direction::response, ex.response_tally);
  const bool is_stream = is_success(ex.call->status()) && ex.record.stream &&
                         content_type_is(ex.call->headers(), "text/event-stream");
  if (is_stream) co_return co_await relay_stream(ex, judge);
  co_return co_await relay_document(ex, judge);
}

// Parses, scans and scores. What fails is in the answer's results.
void Stages::read_document(Exchange& ex, AnswerRead& answer, ScannerPool& pool,
                           const std::stop_token& stop) {
  ex.record.response_commitment = ex.commitment(answer.body);
  auto document = parse_answer(ex, answer, services.limits);
  if (!document) {
    answer.parsed = document.error();
    return;
  }
  answer.document.emplace(std::move(*document));
  try {
    answer.inspected = pipeline::inspect(*answer.document, pool, stop);
    if (!is_scored(*ex.endpoint, answer.status)) return;
    Sources sources;
    sources.add_from(*answer.document);
    answer.scores = score_answers(ex, answers_of(*answer.document), sources, stop);
  } catch (const std::exception&) {
    answer.inspected =
        core::gateway_error(ErrorKind::internal, "detector_failed", "A detector failed.");
  }
}

// Judges what was found and makes the reply.
core::Result<void> Stages::answer_document(Exchange& ex, Judge& judge, AnswerRead& answer,
                                           const std::stop_token& stop) {
  protocol::Document& document = *answer.document;
  const Inspected& inspected = *answer.inspected;
  for (const std::uint32_t leaf : inspected.opaque) {
    const auto allowed =
        judge.judge_opaque(ex.policy->defaults(), document, document.leaves()[leaf]);
    if (!allowed) return allowed.error();
  }
  if (auto allowed = judge.judge(ex.response_tally.scores); !allowed) return allowed.error();
  protocol::Edits edits;
  auto redacted = redact(document, inspected, judge, *services.redactor, core::Direction::response,
                         edits, stop);
  if (!redacted) return redacted.error();
  ex.reply = edits.empty() ? std::move(document).take_bytes() : document.apply(edits);
  ex.reply_commitment = ex.commitment(ex.reply);
  return {};
}

asio::awaitable<core::Result<void>> Stages::relay_document(Exchange& ex, Judge& judge) {
  AnswerRead answer;
  answer.status = ex.call->status();
  auto body = co_await read_answer(ex);
  if (!body) co_return body.error();
  answer.json = content_type_is(ex.call->headers(), "application/json");
  if (!is_failure(answer.status) && !(answer.json && is_success(answer.status)))
    co_return provider_refused(answer.status);
  answer.body = std::move(*body);
  // What its claims are compared with is read too.
  const std::size_t sources =
      is_scored(*ex.endpoint, answer.status) ? ex.request->bytes().size() : 0;
  const detectors::Literal* const credential = told_credential(ex);
  const bool is_long = answer.body.size() + sources > core::inline_scan_bytes_max;
  if (is_long) {
    const WorkerPool::Work read = [&](const std::stop_token& stop) {
      ScannerPool own(ex.policy->catalog(), credential);
      read_document(ex, answer, own, stop);
    };
    if (auto ran = co_await run_long(ex, read); !ran) co_return ran.error();
  } else {
    ScannerPool told(*ex.scanners, credential);
    read_document(ex, answer, told, {});
  }
  if (!answer.parsed) co_return answer.parsed.error();
  ex.usage = answer.document->usage();
  if (auto known = count_document(ex, answer); !known) co_return known.error();
  core::Result<void> made;
  if (answer.document->bytes().size() > core::inline_scan_bytes_max ||
      answer.inspected->findings.size() > inline_findings_max) {
    const WorkerPool::Work write = [&](const std::stop_token& stop) {
      made = answer_document(ex, judge, answer, stop);
    };
    if (auto ran = co_await run_long(ex, write); !ran) co_return ran.error();
  } else {
    made = answer_document(ex, judge, answer, {});
  }
  if (!made) co_return made.error();
  ex.reply_head = {answer.status, reply_headers(ex, "application/json")};
  for (auto& header : client_headers(ex, *ex.scanners)) {
    ex.reply_head.headers.push_back(std::move(header));
  }
  co_return core::Result<void>{};
}

// What could not be told is an error, unless the policy lets it pass.
core::Result<void> Stages::count_document(Exchange& ex, AnswerRead& answer) {
  Tally& tally = ex.response_tally;
  if (!answer.inspected || !answer.scores) {
    if (ex.policy->defaults().on_error != core::Action::allow)
      return answer.inspected ? answer.scores.error() : answer.inspected.error();
    ++tally.failed_open;
    if (!answer.inspected) answer.inspected = Inspected{};
    if (!answer.scores) answer.scores = core::Scores{};
  }
  tally.scanned_bytes = answer.inspected->scanned_bytes;
  tally.scanned_segments = answer.inspected->scanned_segments;
  tally.scores = *answer.scores;
  return {};
}

// The last scores: a stream that they may refuse is held until here, the others are annotated.
asio::awaitable<core::Result<void>> Stages::stream_scores(Exchange& ex, StreamGuard& guard,
                                                          Judge& judge, std::vector<Release>& out) {
  core::Result<core::Scores> scores = core::Scores{};
  if (guard.answer_too_long()) {
    scores = core::gateway_error(
        ErrorKind::internal, "answer_too_long_to_score",
        "The answer is longer than score_text_bytes_max, so it cannot be scored.");
  } else {
    std::size_t bytes = ex.request->bytes().size();
    for (const std::string& answer : guard.answers()) bytes += answer.size();
    const auto work = [&](const std::stop_token& stop) noexcept {
      try {
        scores = score_answers(ex, guard.answers(), guard.sources(), stop);
      } catch (const std::exception&) {
        scores = core::gateway_error(ErrorKind::internal, "detector_failed", "A score failed.");
      }
    };
    if (bytes <= core::inline_scan_bytes_max) {
      work({});
    } else {
      const WorkerPool::Work long_work = work;
      if (auto ran = co_await run_long(ex, long_work); !ran) co_return ran.error();
    }
  }
  if (!scores) {
    // Where no rule depends on the scores, an answer without them is only less annotated.
    if (!judge.scores_hold_streams() || ex.policy->defaults().on_error == core::Action::allow) {
      ++ex.response_tally.failed_open;
      scores = core::Scores{};
    } else {
      co_return scores.error();
    }
  }
  ex.response_tally.scores = *scores;
  if (auto allowed = judge.judge(*scores); !allowed) co_return allowed.error();
  if (guard.held_bytes() <= core::inline_scan_bytes_max) {
    guard.scores_passed(out);
    co_return core::Result<void>{};
  }
  const WorkerPool::Work release = [&](const std::stop_token&) { guard.scores_passed(out); };
  co_return co_await run_long(ex, release);
}

// An event that has grown long is read beside the event loop.
asio::awaitable<core::Result<void>> Stages::feed_long(Exchange& ex, StreamGuard& guard,
                                                      std::string_view piece,
                                                      std::vector<Release>& out) {
  core::Result<void> fed;
  const WorkerPool::Work work = [&](const std::stop_token&) {
    fed = feed_guard(guard, piece, out);
  };
  if (auto ran = co_await run_long(ex, work); !ran) co_return ran.error();
  co_return fed;
}

asio::awaitable<core::Result<void>> Stages::relay_stream(Exchange& ex, Judge& judge) {
  core::Sha256 received(ex.salt);
  core::Sha256 released(ex.salt);
  const bool hold_all = judge.scores_hold_streams();
  ScannerPool beside;  // of the thread that reads a long event
  ScannerPool told(*ex.scanners, told_credential(ex));
  StreamGuard guard(*ex.endpoint, services.limits, told, judge, *services.redactor,
                    ex.policy->defaults(), ex.response_tally,
                    {.hold_all = hold_all, .keep_answer = true});
  core::Result<void> outcome;
  std::vector<Release> out;
  bool scored = false;
  while (outcome && !guard.complete()) {
    const auto piece = co_await read_upstream(ex);
    out.clear();
    if (piece) {
      received.update(*piece);
      const bool is_long = guard.unread_bytes() + piece->size() > core::inline_scan_bytes_max;
      if (is_long) {
        told.use(beside);  // those of this thread serve other exchanges meanwhile
        outcome = co_await feed_long(ex, guard, *piece, out);
        told.use(scanners);
      } else {
        outcome = feed_guard(guard, *piece, out);
      }
    } else {
      outcome = piece.error();
    }
    if (outcome && guard.complete() && !scored) {
      scored = true;
      outcome = co_await stream_scores(ex, guard, judge, out);
    }
    std::string batch;
    for (Release& release : out) {
      if (release.terminal || !ex.reply.empty()) {
        ex.reply.append(release.bytes);
      } else {
        batch.append(release.bytes);
      }
    }
    if (batch.empty()) continue;
    released.update(batch);
    if (ex.first_release_ns == 0) ex.first_release_ns = services.clock->monotonic_ns();
    ex.released_bytes += batch.size();
    if (auto written = co_await ex.writer->write(batch); !written) outcome = written.error();
  }
  ex.usage = guard.usage();
  const bool broken = !outcome && outcome.error().kind == ErrorKind::bad_upstream;
  if (guard.complete() || broken) ex.call->conclude(guard.complete());
  if (outcome) {
    ex.streamed = true;
    if (guard.provider_failed()) ex.provider_fault = "provider_error_event";
    ex.reply.insert(0, protocol::scores_event(ex.endpoint->api, ex.response_tally.scores,
                                              core::to_string(strongest(ex))));
    released.update(ex.reply);
  }
  ex.record.response_commitment = core::to_hex(core::as_text(received.finish()));
  ex.record.released_commitment = core::to_hex(core::as_text(released.finish()));
  co_return outcome;
}

}  // namespace menshen::pipeline
