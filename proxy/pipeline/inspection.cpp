#include "proxy/pipeline/inspection.h"

#include "core/work_count.h"
#include "detectors/catalog.h"
#include "detectors/literal.h"
#include "proxy/pipeline/speech.h"

#include <algorithm>
#include <span>
#include <unordered_map>
#include <utility>

namespace menshen::pipeline {
namespace {

constexpr std::size_t pooled_scanners_max = 64;

// How much is read between two looks at a stop token.
constexpr std::size_t stop_bytes = 64 * 1024;
constexpr std::size_t stop_findings = 1024;

core::Error stopped() {
  return core::gateway_error(core::ErrorKind::internal, "work_stopped",
                             "The work was stopped, because nobody waits for it.");
}

// Reads one text through a Scanner or, where it has parts, through Speech, in bounded steps: so it
// can be stopped, and the reader keeps few findings.
template <class Reader>
core::Result<void> feed(Reader& reader, std::string_view text, const std::stop_token& stop,
                        std::vector<core::Finding>& findings) {
  do {
    if (stop.stop_requested()) return stopped();
    const std::string_view step = text.substr(0, stop_bytes);
    if (auto fed = reader.feed(step); !fed) return fed;
    const std::vector<core::Finding>& found = reader.take();
    findings.insert(findings.end(), found.begin(), found.end());
    text.remove_prefix(step.size());
  } while (!text.empty());
  return {};
}

template <class Reader>
core::Result<void> finish(Reader& reader, std::vector<core::Finding>& findings) {
  if (auto done = reader.finish(); !done) return done;
  const std::vector<core::Finding>& found = reader.take();
  findings.insert(findings.end(), found.begin(), found.end());
  return {};
}

core::Result<void> scan_alone(std::string_view text, ScannerPool& pool, const std::stop_token& stop,
                              std::vector<core::Finding>& findings) {
  auto scanner = pool.take();
  if (auto fed = feed(*scanner, text, stop, findings); !fed) return fed;
  if (auto done = finish(*scanner, findings); !done) return done;
  pool.give(std::move(scanner));
  return {};
}

// Scans a leaf that is a text of its own.
core::Result<void> scan_leaf(const protocol::Document& document, std::size_t leaf,
                             std::string_view text, ScannerPool& pool, const std::stop_token& stop,
                             std::vector<core::Finding>& findings) {
  const std::string_view label = label_of(document, leaf);
  if (label.empty()) return scan_alone(text, pool, stop, findings);
  auto found = scan_labelled(label, text, pool, stop);
  if (!found) return found.error();
  findings.insert(findings.end(), found->begin(), found->end());
  return {};
}

// Scans one text and says where its pieces lie.
core::Result<void> scan_pieces(const protocol::Document& document, std::span<TextPiece> pieces,
                               ScannerPool& pool, std::string& scratch, const std::stop_token& stop,
                               std::vector<core::Finding>& findings) {
  const auto leaves = document.leaves();
  if (pieces.size() == 1) {
    const std::string_view text = document.text(leaves[pieces.front().leaf], scratch);
    pieces.front().end = static_cast<std::uint32_t>(text.size());
    return scan_leaf(document, pieces.front().leaf, text, pool, stop, findings);
  }
  Speech speech(pool);
  for (TextPiece& piece : pieces) {
    const protocol::Leaf& leaf = leaves[piece.leaf];
    if (leaf.begins_part) {
      if (auto begun = speech.begin_part(); !begun) return begun;
    }
    piece.begin = static_cast<std::uint32_t>(speech.text_bytes());
    if (auto fed = feed(speech, document.text(leaf, scratch), stop, findings); !fed) return fed;
    piece.end = static_cast<std::uint32_t>(speech.text_bytes());
  }
  return finish(speech, findings);
}

bool hides_more(core::RedactAs a, core::RedactAs b) {
  // A mask hides even the type, a hash lets equal values be told: the same order as among rules.
  constexpr auto rank = [](core::RedactAs as) {
    return as == core::RedactAs::mask ? 2 : as == core::RedactAs::tag ? 1 : 0;
  };
  return rank(a) > rank(b);
}

void merge_overlapping(std::vector<Redaction>& spans) {
  if (spans.empty()) return;
  std::ranges::stable_sort(spans, {}, [](const Redaction& r) { return r.finding.begin; });
  std::size_t merged = 1;
  for (std::size_t i = 1; i < spans.size(); ++i) {
    const Redaction next = spans[i];
    Redaction& last = spans[merged - 1];
    if (last.finding.end <= next.finding.begin) {
      spans[merged++] = next;
      continue;
    }
    const std::size_t begin = last.finding.begin;
    const std::size_t end = std::max(last.finding.end, next.finding.end);
    const core::RedactAs as = hides_more(next.as, last.as) ? next.as : last.as;
    const bool continued = last.finding.continued;
    if (next.finding.confidence > last.finding.confidence) last.finding = next.finding;
    last.finding.begin = begin;
    last.finding.end = end;
    last.finding.continued = continued;
    last.as = as;
  }
  spans.resize(merged);
}

// Walks the pieces of one text once, for spans that rise and do not overlap, so that the cost is
// the text plus its spans and each leaf is decoded once.
class PieceWalk {
 public:
  PieceWalk(const protocol::Document& document, std::span<const TextPiece> pieces)
      : document_(document), pieces_(pieces) {}

  // Calls visit(leaf, begin, end, bytes) for each piece that [begin, end) covers a part of: the
  // part's place in the leaf's text, and that part.
  template <class Visit>
  void cover(std::size_t begin, std::size_t end, Visit visit) {
    while (at_ < pieces_.size() && pieces_[at_].end <= begin) {
      ++core::work_count.pieces_visited;
      ++at_;
    }
    for (std::size_t i = at_; i < pieces_.size() && pieces_[i].begin < end; ++i) {
      ++core::work_count.pieces_visited;
      const TextPiece& piece = pieces_[i];
      const std::size_t from = std::max<std::size_t>(piece.begin, begin) - piece.begin;
      const std::size_t to = std::min<std::size_t>(piece.end, end) - piece.begin;
      if (from >= to) continue;
      const protocol::Leaf& leaf = document_.leaves()[piece.leaf];
      if (read_ != i) text_ = document_.text(leaf, scratch_);
      read_ = i;
      visit(leaf, from, to, text_.substr(from, to - from));
    }
  }

 private:
  const protocol::Document& document_;
  std::span<const TextPiece> pieces_;
  std::size_t at_ = 0;  // the first piece that a span to come may touch
  std::size_t read_ = static_cast<std::size_t>(-1);  // the piece that text_ holds
  std::string_view text_;
  std::string scratch_;
};

// Of one text: the replacement stands where the value begins, the rest of the value is taken out.
core::Result<void> write_edits(const protocol::Document& document,
                               std::span<const TextPiece> pieces,
                               std::span<const Redaction> redactions, const Redactor& redactor,
                               protocol::Edits& edits, const std::stop_token& stop) {
  struct Part {
    const protocol::Leaf* leaf;
    std::size_t begin;
    std::size_t end;
  };
  PieceWalk walk(document, pieces);
  std::vector<Part> parts;
  std::string value;
  std::size_t done = 0;
  for (const Redaction& span : redactions) {
    if (++done % stop_findings == 0 && stop.stop_requested()) return stopped();
    parts.clear();
    value.clear();
    walk.cover(span.finding.begin, span.finding.end,
               [&](const protocol::Leaf& leaf, std::size_t begin, std::size_t end,
                   std::string_view bytes) {
                 parts.push_back({&leaf, begin, end});
                 value.append(bytes);
               });
    std::string replacement = redactor.replacement(span.finding, value, span.as);
    for (const Part& part : parts) {
      edits.replace(*part.leaf, part.begin, part.end, std::exchange(replacement, {}));
    }
  }
  return {};
}

}  // namespace

// Scanners of a catalog that is in force no more are dropped as they turn up.
std::unique_ptr<detectors::Scanner> ScannerPool::take() {
  std::unique_ptr<detectors::Scanner> scanner;
  std::vector<std::unique_ptr<detectors::Scanner>>& free = keeper().free_;
  while (!free.empty() && free.back()->catalog() != catalog_) free.pop_back();
  if (free.empty()) {
    scanner = std::make_unique<detectors::Scanner>(catalog_);
  } else {
    scanner = std::move(free.back());
    free.pop_back();
  }
  scanner->reset(literal_);
  return scanner;
}

void ScannerPool::give(std::unique_ptr<detectors::Scanner> scanner) {
  std::vector<std::unique_ptr<detectors::Scanner>>& free = keeper().free_;
  if (free.size() < pooled_scanners_max) free.push_back(std::move(scanner));
}

core::Result<std::vector<core::Finding>> ScannerPool::scan(std::string_view text) {
  auto scanner = take();
  auto read = scanner->feed(text);
  if (read) read = scanner->finish();
  if (!read) return read.error();
  std::vector<core::Finding> findings = scanner->take();
  give(std::move(scanner));
  return findings;
}

bool ScannerPool::is_clean(std::string_view text) {
  const auto findings = scan(text);
  return findings && findings->empty();
}

// As in JSON text: the key and its value are two parts of one text.
std::string_view label_of(const protocol::Document& document, std::size_t leaf) {
  // Context, each character an escape of six bytes.
  constexpr std::size_t label_bytes_max = core::context_bytes_max * 6;
  const auto leaves = document.leaves();
  const std::string_view bytes = document.bytes();
  const std::size_t end = leaves[leaf].begin;
  if (leaves[leaf].kind == protocol::LeafKind::key) return {};
  for (std::size_t at = leaf; at > 0; --at) {
    const protocol::Leaf& before = leaves[at - 1];
    const std::size_t next = leaves[at].begin;
    if (before.end > next || end - before.begin > label_bytes_max) return {};
    const std::string_view between = bytes.substr(before.end, next - before.end);
    if (between.find_first_not_of("\": [,\t\r\n") != std::string_view::npos) return {};
    if (before.kind == protocol::LeafKind::key) {
      return bytes.substr(before.begin, before.end - before.begin);
    }
  }
  return {};
}

core::Result<std::vector<core::Finding>> scan_labelled(std::string_view label,
                                                       std::string_view text, ScannerPool& pool,
                                                       const std::stop_token& stop) {
  std::vector<core::Finding> findings;
  Speech speech(pool);
  auto read = speech.feed(label);
  if (read) read = speech.feed("\": \"");
  const std::size_t begin = speech.text_bytes();
  if (read) read = speech.begin_part();
  if (read) read = feed(speech, text, stop, findings);
  if (read) read = finish(speech, findings);
  if (!read) return read.error();
  std::erase_if(findings, [begin](const core::Finding& f) { return f.end <= begin; });
  for (core::Finding& finding : findings) {
    finding.begin = std::max(finding.begin, begin) - begin;
    finding.end -= begin;
  }
  return findings;
}

void cover_whole(std::span<core::Finding> findings, std::size_t end) {
  for (core::Finding& finding : findings) {
    finding.begin = 0;
    finding.end = end;
  }
}

core::Result<Inspected> inspect(const protocol::Document& document, ScannerPool& pool,
                                const std::stop_token& stop) {
  Inspected out;
  std::string scratch;
  const auto leaves = document.leaves();
  std::unordered_map<std::uint32_t, std::vector<TextPiece>> channels;
  std::vector<TextPiece> alone(1);

  const auto scan = [&](std::vector<TextPiece>& pieces) -> core::Result<void> {
    const std::size_t before = out.findings.size();
    auto scanned = scan_pieces(document, pieces, pool, scratch, stop, out.findings);
    if (!scanned) return scanned;
    ++out.scanned_segments;
    out.scanned_bytes += pieces.back().end;
    if (out.findings.size() == before) return {};
    if (leaves[pieces.front().leaf].kind == protocol::LeafKind::number)
      cover_whole(std::span(out.findings).subspan(before), pieces.front().end);
    out.texts.push_back({std::move(pieces), before, out.findings.size()});
    return {};
  };

  for (std::uint32_t i = 0; i < leaves.size(); ++i) {
    const protocol::Leaf& leaf = leaves[i];
    if (leaf.kind == protocol::LeafKind::opaque) {
      out.opaque.push_back(i);  // what can be read of it has leaves of its own
      continue;
    }
    if (leaf.channel != protocol::no_channel) {
      channels[leaf.channel].push_back({i, 0, 0});
      continue;
    }
    alone.assign(1, {i, 0, 0});
    if (auto scanned = scan(alone); !scanned) return scanned.error();
  }
  for (auto& [channel, pieces] : channels) {
    if (auto scanned = scan(pieces); !scanned) return scanned.error();
  }
  return out;
}

core::Result<void> could_not_tell(const policies::Defaults& defaults, const core::Error& error,
                                  Tally& tally) {
  if (defaults.on_error != core::Action::allow) return error;
  ++tally.failed_open;
  return {};
}

core::Error Judge::refusal(const policies::Verdict& verdict, std::string_view what) const {
  std::string message =
      verdict.reason != nullptr ? *verdict.reason : "The policy refuses this content.";
  message.append(" Found: ").append(what);
  if (verdict.rule != nullptr) message.append("; rule: ").append(*verdict.rule);
  message.append(direction_ == core::Direction::request ? "; in the request." : "; in the answer.");
  const auto source = direction_ == core::Direction::request ? core::ErrorSource::client
                                                             : core::ErrorSource::provider;
  return {core::ErrorKind::forbidden, source, "content_refused", std::move(message), {}};
}

core::Result<void> Judge::judge(std::span<const core::Finding> findings, protocol::LeafKind kind,
                                const std::stop_token& stop) {
  redactions_.clear();
  std::size_t done = 0;
  for (const core::Finding& finding : findings) {
    if (++done % stop_findings == 0 && stop.stop_requested()) return stopped();
    shadow_.clear();
    policies::Verdict verdict = plan_.decide(finding, &shadow_);
    tally_->fired_shadow(shadow_);
    if (!finding.continued) tally_->found(*finding.type);
    // The gateway's own credential never leaves, whatever the policy says.
    if (finding.type == &detectors::provider_credential && verdict.action < core::Action::redact) {
      verdict.action = core::Action::redact;
      verdict.redact_as = core::RedactAs::tag;
    }
    // A key cannot be redacted without changing what it is the key of.
    const bool in_arguments = kind == protocol::LeafKind::json_text;
    const bool in_key =
        kind == protocol::LeafKind::key || (in_arguments && finding.place == core::Place::json_key);
    if (in_key && verdict.action == core::Action::redact) verdict.action = core::Action::deny;
    if (!finding.continued) tally_->fired(verdict);
    if (verdict.action == core::Action::deny) {
      refuse_at(finding.begin);
      return refusal(verdict, finding.type->name);
    }
    if (verdict.action != core::Action::redact) continue;
    if (!finding.continued) tally_->redacted(*finding.type);
    redactions_.push_back({finding, verdict.redact_as});
  }
  if (redactions_.size() > 1) merge_overlapping(redactions_);
  return {};
}

// A redaction that reaches into the refused value is part of what is refused.
void Judge::refuse_at(std::size_t begin) {
  merge_overlapping(redactions_);
  refused_at_ = begin;
  while (!redactions_.empty() && redactions_.back().finding.end > refused_at_) {
    refused_at_ = std::min(refused_at_, redactions_.back().finding.begin);
    redactions_.pop_back();
  }
}

core::Result<void> Judge::judge(const core::Scores& scores) {
  tally_->scores = scores;
  shadow_.clear();
  const policies::Verdict verdict = plan_.decide(scores, &shadow_);
  tally_->fired_shadow(shadow_);
  tally_->fired(verdict);
  if (verdict.action != core::Action::deny) return {};
  return refusal(verdict, "a score past its bound");
}

core::Result<void> Judge::judge_opaque(const policies::Defaults& defaults,
                                       const protocol::Document& document,
                                       const protocol::Leaf& leaf) {
  ++tally_->opaque_parts;
  tally_->strongest(defaults.opaque_content);
  if (defaults.opaque_content != core::Action::deny) return {};
  return core::Error{
      core::ErrorKind::forbidden,
      direction_ == core::Direction::request ? core::ErrorSource::client
                                             : core::ErrorSource::provider,
      "opaque_content",
      "Content that cannot be read (image, audio, file, tokens, a reference to stored content, or "
      "a tool that the provider runs) is refused by the policy.",
      direction_ == core::Direction::request ? document.pointer(leaf) : std::string()};
}

core::Result<void> redact(const protocol::Document& document, const Inspected& inspected,
                          Judge& judge, const Redactor& redactor, core::Direction direction,
                          protocol::Edits& edits, const std::stop_token& stop) {
  const std::span<const core::Finding> findings = inspected.findings;
  for (const FoundText& text : inspected.texts) {
    if (stop.stop_requested()) return stopped();
    const protocol::Leaf& first = document.leaves()[text.pieces.front().leaf];
    const auto of_text =
        findings.subspan(text.findings_begin, text.findings_end - text.findings_begin);
    if (auto judged = judge.judge(of_text, first.kind, stop); !judged) {
      core::Error error = judged.error();
      // The place of a key would repeat it.
      const bool in_key = first.kind == protocol::LeafKind::key;
      if (direction == core::Direction::request && !in_key) error.where = document.pointer(first);
      return error;
    }
    auto written = write_edits(document, text.pieces, judge.redactions(), redactor, edits, stop);
    if (!written) return written;
  }
  if (direction == core::Direction::response && !edits.empty()) {
    document.null_logprobs(edits);
    document.null_state(edits);
  }
  return {};
}

}  // namespace menshen::pipeline
